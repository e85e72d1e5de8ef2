import pytest

from bridge_ros.control.period_statistics import PeriodStatistics


def test_it_has_nothing_to_say_before_two_events():
    statistics = PeriodStatistics()
    statistics.add(1.0)
    assert statistics.figures() == {}


def test_it_tells_mean_and_longest_period():
    statistics = PeriodStatistics()
    for now_s in (0.0, 0.05, 0.10, 0.20):
        statistics.add(now_s)
    figures = statistics.figures()
    assert figures["mean_ms"] == pytest.approx(200 / 3)
    assert figures["max_ms"] == pytest.approx(100.0)


def test_a_pause_between_two_streams_is_no_period():
    statistics = PeriodStatistics(pause_s=1.0)
    for now_s in (0.0, 0.05, 60.0, 60.05):
        statistics.add(now_s)
    assert statistics.figures()["max_ms"] == pytest.approx(50.0)


def test_only_the_last_periods_count():
    statistics = PeriodStatistics(count=2)
    for now_s in (0.0, 0.5, 0.6, 0.7):
        statistics.add(now_s)
    assert statistics.figures()["max_ms"] == pytest.approx(100.0)
