"""Verdicts, and the report that they come in."""

from dataclasses import replace

import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.lab.faults.catalogue import all_faults, chosen
from bridge_ros.lab.faults.fault import Expectation
from bridge_ros.lab.faults.report import load_results, table, write_report
from bridge_ros.lab.faults.verdict import Result

GOOD = Result(
    name="camera_killed",
    what="kill -9 of the camera node",
    expect=Expectation.HOLD,
    held_by="controller",
    due_s=0.2,
    hold_s=0.12,
    rest_s=0.4,
    motion_m=0.004,
    peak_m_s=0.2,
    said=("controller hold: waiting for the camera node",),
    person=(),
    ready_s=3.0,
    next_tries=1,
    real_time_factor=0.97,
)
LOST = {"held_by": "robot", "hold_s": None}


@pytest.mark.parametrize(
    ("change", "shortcoming"),
    [
        ({"hold_s": None}, "never said"),
        ({"hold_s": 0.25}, "held after 0.25 s, due after 0.20 s"),
        ({"motion_m": 0.013}, "moved 13 mm"),
        ({"said": ()}, "nobody said"),
        ({"peak_m_s": 0.5}, "lurched"),
        ({"next_tries": 0}, "next sentence"),
        ({"trouble": "not ready again", "next_tries": 0}, "not ready again"),
        ({**LOST, "motion_m": 0.02}, "moved 20 mm"),
        ({"expect": Expectation.REFUSE, "hold_s": None, "motion_m": 0.02}, "moved 20 mm"),
    ],
)
def test_what_falls_short_is_named(change, shortcoming):
    assert GOOD.passed
    (found,) = replace(GOOD, **change).shortcomings
    assert shortcoming in found


@pytest.mark.parametrize(
    "change",
    [
        LOST,
        {"expect": Expectation.REFUSE, "hold_s": None},
        {"expect": Expectation.CARRY_ON, "hold_s": None, "rest_s": None, "said": ()},
    ],
)
def test_a_hold_is_asked_only_of_whom_it_is_due(change):
    assert replace(GOOD, **change).passed


def test_a_report_is_read_back_as_it_was_written(tmp_path):
    bad = replace(GOOD, name="arm_cut", hold_s=None, person=("call /bridge/resume",))
    write_report([GOOD, bad], tmp_path)
    assert load_results(tmp_path) == [GOOD, bad]
    assert (tmp_path / "faults.png").stat().st_size > 1000
    text = (tmp_path / "faults.md").read_text()
    assert text == table([GOOD, bad])
    assert "1 of 2 faults passed. The simulation ran at 0.97 to 0.97 of real time" in text
    assert "a person: call /bridge/resume" in text


def test_another_file_is_no_report(tmp_path):
    assert load_results(tmp_path) == []
    (tmp_path / "faults.json").write_text('[{"name": "x"}]')
    with pytest.raises(ConfigError, match="choose another --out"):
        load_results(tmp_path)


def test_there_are_enough_faults_and_an_unknown_one_is_refused():
    assert len(all_faults()) >= 30
    assert [fault.name for fault in chosen(["arm_cut", "camera_killed"])] == [
        "camera_killed",
        "arm_cut",
    ]
    with pytest.raises(ConfigError, match="camera_killed, .*; got camera_melted"):
        chosen(["camera_melted"])
