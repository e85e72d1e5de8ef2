import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.proportion import Proportion


def test_the_interval_is_wilson_s():
    low, high = Proportion(successes=18, trials=20).interval
    assert (low, high) == pytest.approx((0.699, 0.972), abs=5e-4)


@pytest.mark.parametrize("successes", [0, 20])
def test_the_interval_stays_within_0_and_1_and_is_not_empty(successes):
    low, high = Proportion(successes=successes, trials=20).interval
    assert 0.0 <= low < high <= 1.0


def test_without_trials_nothing_is_known():
    assert Proportion(successes=0, trials=0).interval == (0.0, 1.0)


def test_the_interval_of_a_difference_is_newcombe_s():
    one, other = Proportion(successes=56, trials=70), Proportion(successes=48, trials=80)
    assert one.minus(other) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_proportions_add_up():
    total = Proportion(successes=3, trials=4) + Proportion(successes=1, trials=6)
    assert (total.share, total.trials) == (0.4, 10)


def test_more_successes_than_trials_are_refused():
    with pytest.raises(ConfigError, match="expected 0 to 2 successes, got 3"):
        Proportion(successes=3, trials=2)
