import numpy as np
import pytest

from bridge_ros.demonstration import HandStreams
from bridge_ros.errors import ConfigError

POSES = np.tile([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0], (5, 1)) + np.arange(5)[:, None] * np.eye(7)[0]


def streams(**changes):
    heard = {
        "times_s": np.array([0.0, 0.1, 0.1, 0.2, 0.3]),
        "poses": POSES,
        "width_times_s": np.array([0.05, 0.25]),
        "widths_m": np.array([0.08, 0.04]),
    }
    return HandStreams(**{**heard, **changes})


def test_widths_are_told_at_the_poses_times_and_a_pose_heard_twice_counts_once():
    motion = streams().together(0.0, 0.2)
    assert motion.times_s == pytest.approx([0.0, 0.1, 0.2])
    assert motion.ee_poses[:, 0] == pytest.approx([0.4, 1.4, 3.4])
    assert motion.widths_m == pytest.approx([0.08, 0.07, 0.05])


def test_a_motion_without_widths_or_with_one_pose_is_refused():
    nothing = np.empty(0)
    with pytest.raises(ConfigError, match="widths of the gripper, got none"):
        streams(width_times_s=nothing, widths_m=nothing).together(0.0, 1.0)
    with pytest.raises(ConfigError, match="expected times"):
        streams().together(0.25, 0.35)
