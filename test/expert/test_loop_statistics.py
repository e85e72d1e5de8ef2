"""LoopStatistics: what /diagnostics and the demo's summary report."""

import numpy as np
import pytest

from bridge_ros.expert.loop_statistics import LoopStatistics


def test_rate_period_error_and_gaps_are_those_of_the_publishing_times():
    statistics = LoopStatistics(0.05)
    for now in np.arange(0.0, 2.0, 0.05):
        statistics.published(float(now))
    statistics.published(2.05)
    figures = statistics.summary()
    assert figures["targets"] == 41
    assert figures["rate_hz"] == pytest.approx(40 / 2.05)
    assert figures["period_error_p50_ms"] == pytest.approx(0.0, abs=1e-6)
    assert figures["longest_gap_ms"] == pytest.approx(100.0)


def test_a_pause_on_purpose_is_no_gap():
    statistics = LoopStatistics(0.05)
    for now in (0.0, 0.05, 0.10):
        statistics.published(now)
    statistics.paused()
    for now in (60.0, 60.05):
        statistics.published(now)
    assert statistics.summary()["longest_gap_ms"] == pytest.approx(50.0)


def test_figures_without_data_are_left_out():
    assert LoopStatistics(0.05).summary() == {"targets": 0.0}
    statistics = LoopStatistics(0.05)
    statistics.used_cloud(0.09)
    statistics.inferred(0.02)
    figures = statistics.summary()
    assert figures["camera_to_target_p50_ms"] == pytest.approx(90.0)
    assert figures["inference_p99_ms"] == pytest.approx(20.0)
