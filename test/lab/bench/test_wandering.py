import numpy as np
import pytest

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.box import Box
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.lab.bench.wandering import WanderingLimits, WanderingPath

HOME = np.array(BehaviourSettings().home_joints)
WORKSPACE = TargetLimits().workspace


def make_path(workspace=WORKSPACE, seed=1000):
    reach = Fr3Reach(
        flange_to_tcp=GripperModel.load().flange_to_tcp, home_joints=tuple(HOME.tolist())
    )
    return reach, WanderingPath(
        reach,
        HOME,
        workspace=workspace,
        length_s=8.0,
        limits=WanderingLimits(),
        rng=np.random.default_rng(seed),
    )


@pytest.fixture(scope="module")
def path():
    return make_path()


def test_the_path_begins_at_the_joints_given_and_rests_at_its_end(path):
    reach, path = path
    np.testing.assert_allclose(path.pose(0.0), reach.tcp_pose(HOME), atol=1e-9)
    assert path.length_s >= 8.0
    np.testing.assert_allclose(path.pose(path.length_s), path.pose(path.length_s + 5.0))


def test_the_path_stays_in_the_workspace_and_within_its_speeds(path):
    _, path = path
    times_s = np.arange(0.0, path.length_s, 0.01)
    poses = np.array([path.pose(t_s) for t_s in times_s])
    assert all(WORKSPACE.contains(pose[:3]) for pose in poses)
    speeds = np.linalg.norm(np.diff(poses[:, :3], axis=0), axis=1) / 0.01
    turns = [rotation_between(a, b) / 0.01 for a, b in zip(poses[:-1], poses[1:], strict=True)]
    assert speeds.max() < WanderingLimits().speed_m_s + 1e-6
    assert max(turns) < WanderingLimits().speed_rad_s + 1e-3
    accelerations = np.linalg.norm(np.diff(poses[:, :3], n=2, axis=0), axis=1) / 0.01**2
    assert accelerations.max() < 1.05 * WanderingLimits().acceleration_m_s2


def test_a_workspace_that_no_arm_reaches_is_said():
    with pytest.raises(ConfigError, match="reach"):
        make_path(Box(min_m=(2.0, 2.0, 2.0), max_m=(2.2, 2.2, 2.2)))
