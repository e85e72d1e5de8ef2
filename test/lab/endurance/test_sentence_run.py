import os
import subprocess

import pytest

from bridge_ros.lab.endurance.process_figures import ProcessFigures
from bridge_ros.lab.endurance.sentence_run import SentenceRun, endurance_report
from bridge_ros.lab.evaluation.timing import StreamTiming


def turn(number, *, success=True, targets=200):
    return SentenceRun(
        at_s=60.0 * number,
        sentence="put the red cube on the blue cube",
        success=success,
        judged="",
        message="",
        seconds=20.0,
        person=(),
        timing=StreamTiming.of([0.05 * k for k in range(targets)], period_s=0.05),
        processes={"expert": ProcessFigures(memory_mb=100.0 + number, handles=40 + number)},
    )


def test_a_report_compares_the_beginning_with_the_end():
    turns = [turn(number, success=number != 7) for number in range(60)]
    report = endurance_report(turns)
    assert (report["sentences"], report["succeeded"]) == (60, 59)
    assert report["first"]["memory_mb"] == {"expert": 104.5}
    assert report["last"]["memory_mb"] == {"expert": 154.5}
    assert report["last"]["handles"] == {"expert": 94.5}
    assert report["last"]["rate_hz"] == 20.0


def test_sentences_without_motion_count_as_given_but_have_no_rate():
    report = endurance_report([turn(0, success=False, targets=0), turn(1)])
    assert report["sentences"] == 2
    assert report["first"]["rate_hz"] == 20.0
    assert endurance_report([turn(0, success=False, targets=0)])["first"] == {}


def test_the_figures_of_a_process_follow_what_it_holds():
    before = ProcessFigures.of(os.getpid())
    ballast = b"1" * 100_000_000  # More than malloc may take from what it has kept
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(5)]
    after = ProcessFigures.of(os.getpid())
    for file in files:
        os.close(file)
    assert after.handles == before.handles + 5
    assert after.memory_mb == pytest.approx(before.memory_mb + len(ballast) * 1e-6, abs=3.0)


def test_a_process_that_has_ended_holds_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    assert ProcessFigures.of(process.pid) == ProcessFigures(memory_mb=0.0, handles=0)
