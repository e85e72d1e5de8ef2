"""Shares of processor time."""

import time

import pytest

import bridge_ros.lab.evaluation.processor_time as module
from bridge_ros.lab.evaluation.processor_time import ProcessorTime


def test_shares_of_the_time_between(tmp_path, monkeypatch):
    stat = tmp_path / "stat"
    monkeypatch.setattr(module, "_STAT", stat)
    stat.write_text("cpu  100 10 20 300 5 1 2 30 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n")
    before = ProcessorTime.now()
    stat.write_text("cpu  150 10 20 320 10 1 2 55 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n")
    assert ProcessorTime.now().shares_since(before) == {"idle": 0.25, "stolen": 0.25}


@pytest.mark.parametrize("text", ["", "cpu  1 2 3\n", "cpu a b c d e f g h\n"])
def test_a_kernel_that_does_not_count(tmp_path, monkeypatch, text):
    stat = tmp_path / "stat"
    stat.write_text(text)
    monkeypatch.setattr(module, "_STAT", stat)
    time_now = ProcessorTime.now()
    assert time_now.shares_since(time_now) == {"idle": 0.0, "stolen": 0.0}


def test_work_is_not_idle():
    before = ProcessorTime.now()
    end_s = time.monotonic() + 0.3
    while time.monotonic() < end_s:
        pass
    after = ProcessorTime.now()
    assert after.total > before.total
    assert after.shares_since(before)["idle"] < 1.0
