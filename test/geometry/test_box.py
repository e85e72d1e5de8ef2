import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.box import ANYWHERE, Box

UNIT = Box(min_m=(0.0, 0.0, 0.0), max_m=(1.0, 1.0, 1.0))


@pytest.mark.parametrize("point", [(0.5, 0.5, 0.5), (0.0, 1.0, 0.0), np.ones(3)])
def test_faces_belong_to_a_box(point):
    assert UNIT.contains(point)


@pytest.mark.parametrize("point", [(1.01, 0.5, 0.5), (0.5, -0.01, 0.5), (0.5, 0.5, np.nan)])
def test_what_is_beside_a_box_or_no_number_is_not_in_it(point):
    assert not UNIT.contains(point)


def test_everything_is_anywhere():
    assert ANYWHERE.contains((1e9, -1e9, 0.0))
    UNIT.check_within(ANYWHERE, name="this", outer_name="that")


@pytest.mark.parametrize("corner", [(0.0, 2.0, 2.0), (2.0, 2.0)])
def test_corners_in_the_wrong_order_or_number_are_refused(corner):
    with pytest.raises(ConfigError, match="corners: expected"):
        Box(min_m=(0.0, 0.0, 0.0), max_m=corner)


def test_a_box_that_reaches_out_of_another_is_refused_with_both_values_and_names():
    wide = Box(min_m=(0.2, 0.2, 0.2), max_m=(0.8, 1.5, 0.8))
    UNIT.check_within(UNIT, name="a", outer_name="b")
    with pytest.raises(ConfigError) as refusal:
        wide.check_within(UNIT, name="trajectory: workspace", outer_name="the controller's")
    assert str(refusal.value) == (
        "trajectory: workspace: expected a box within [0, 1] x [0, 1] x [0, 1] m, which is the "
        "controller's, got [0.2, 0.8] x [0.2, 1.5] x [0.2, 0.8] m"
    )
