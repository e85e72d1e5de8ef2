from types import SimpleNamespace

import numpy as np
import pytest

from bridge_ros.errors import StaleObservationError
from bridge_ros.status import TrajectoryReason
from bridge_ros.trajectory.start_of_motion import MAX_LEAD_M, MAX_LEAD_RAD, StartOfMotion

HERE = np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
NOW_S = 100.0


def aside(metres):
    return HERE + np.array([0.0, metres, 0.0, 0.0, 0.0, 0.0, 0.0])


def turned(radians):
    quaternion = [np.cos(radians / 2), np.sin(radians / 2), 0.0, 0.0]
    return np.concatenate([HERE[:3], quaternion])


@pytest.fixture
def start():
    """Nothing was heard yet; targets count for 0.3 s, measurements for 0.5 s."""
    return StartOfMotion(max_target_age_s=0.3, max_state_age_s=0.5)


def measure(start, age_s=0.0, width_m=0.08):
    arm = SimpleNamespace(stamp_s=NOW_S - age_s, ee_pose=HERE, gripper_width=width_m)
    start.observe_arm(arm)


def command(start, pose, width_m, age_s=0.1):
    start.observe_target_pose(pose, NOW_S - age_s)
    start.observe_target_width(width_m, NOW_S - age_s)


def test_an_arm_at_rest_starts_from_where_it_is(start):
    measure(start)
    pose, width_m = start.at(NOW_S)
    assert pose == pytest.approx(HERE)
    assert width_m == 0.08


def test_an_arm_in_motion_starts_from_its_last_target_so_that_nothing_jumps(start):
    measure(start)
    command(start, aside(0.02), 0.0)
    pose, width_m = start.at(NOW_S)
    assert pose == pytest.approx(aside(0.02))
    assert width_m == 0.0, "the force of the grip stays"


@pytest.mark.parametrize(
    "commanded", [aside(MAX_LEAD_M + 0.001), turned(MAX_LEAD_RAD + 0.01)], ids=["place", "turn"]
)
def test_an_arm_that_does_not_follow_its_target_starts_from_where_it_is(start, commanded):
    measure(start)
    command(start, commanded, 0.0)
    pose, width_m = start.at(NOW_S)
    assert pose == pytest.approx(HERE)
    assert width_m == 0.0


def test_old_targets_are_forgotten(start):
    measure(start)
    command(start, aside(0.02), 0.0, age_s=0.31)
    pose, width_m = start.at(NOW_S)
    assert pose == pytest.approx(HERE)
    assert width_m == 0.08


def test_recent_targets_do_where_the_arm_is_not_heard_for_a_moment(start):
    measure(start, age_s=0.6)
    command(start, aside(0.2), 0.05)
    pose, width_m = start.at(NOW_S)
    assert pose == pytest.approx(aside(0.2))
    assert width_m == 0.05


def test_without_anything_recent_there_is_no_start(start):
    with pytest.raises(StaleObservationError, match="not known where the arm is"):
        start.at(NOW_S)
    measure(start, age_s=0.6)
    with pytest.raises(StaleObservationError, match="nothing within 0.5 s") as raised:
        start.at(NOW_S)
    assert raised.value.args[0].reason is TrajectoryReason.START_UNKNOWN
    start.observe_target_width(0.05, NOW_S)
    with pytest.raises(StaleObservationError):
        start.at(NOW_S)
