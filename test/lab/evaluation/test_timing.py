import numpy as np
import pytest

from bridge_ros.lab.evaluation.timing import StreamTiming


def test_a_perfect_stream_has_its_rate_and_no_error():
    timing = StreamTiming.of(np.arange(100) * 0.05, period_s=0.05)
    assert timing.rate_hz == pytest.approx(20.0)
    assert timing.period_error_p99_ms == pytest.approx(0.0, abs=1e-6)
    assert timing.longest_gap_ms == pytest.approx(50.0)


def test_one_lost_message_shows_as_the_longest_gap():
    stamps = np.delete(np.arange(50) * 0.05, 20)
    timing = StreamTiming.of(stamps, period_s=0.05)
    assert timing.longest_gap_ms == pytest.approx(100.0)
    assert timing.period_error_p50_ms == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("stamps", [[], [1.0]])
def test_too_few_messages_have_no_rate(stamps):
    assert StreamTiming.of(stamps, period_s=0.05).rate_hz == 0.0
