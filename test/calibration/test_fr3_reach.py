"""The FR3's kinematics are those of its model, and reach is told truly."""

import mujoco
import numpy as np
import pytest

from bridge_ros.calibration.fr3_reach import Fr3Reach
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.hardware.fr3_kinematics import flange_pose
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.sim.world import HOME_JOINTS, World

REACH = Fr3Reach(flange_to_tcp=GripperModel.load().flange_to_tcp, home_joints=HOME_JOINTS)
HOME = np.array(HOME_JOINTS)
UPRIGHT = REACH.tcp_pose(HOME)


def moved(shift_m):
    return np.concatenate([UPRIGHT[:3] + shift_m, UPRIGHT[3:]])


def test_the_flange_is_where_the_robot_s_model_has_it():
    world = World("tabletop", seed=1000)
    data = mujoco.MjData(world.model)
    rng = np.random.default_rng(0)
    hand = world.model.body("robot0_hand").id
    for _ in range(5):
        joints = HOME + rng.uniform(-0.5, 0.5, 7)
        data.qpos[:7] = joints
        mujoco.mj_kinematics(world.model, data)
        np.testing.assert_allclose(flange_pose(joints)[:3, 3], data.xpos[hand], atol=1e-9)
        turn = data.xmat[hand].reshape(3, 3)
        tcp = data.xpos[hand] + turn @ REACH.flange_to_tcp[:3]
        np.testing.assert_allclose(REACH.tcp_pose(joints)[:3], tcp, atol=1e-9)


def test_joints_for_a_pose_bring_the_tool_there():
    goal = moved((0.12, -0.1, -0.15))
    joints = REACH.joints_at(goal, HOME)
    assert joints is not None
    reached = REACH.tcp_pose(joints)
    assert np.linalg.norm(reached[:3] - goal[:3]) < 3e-4
    assert rotation_between(reached, goal) < 2e-3


def test_a_straight_way_ends_where_it_should():
    goal = moved((0.15, 0.2, -0.1))
    joints = REACH.way(UPRIGHT, goal, HOME)
    assert joints is not None
    assert np.linalg.norm(REACH.tcp_pose(joints)[:3] - goal[:3]) < 3e-4


@pytest.mark.parametrize("shift_m", [(0.6, 0.0, 0.0), (0.0, 0.0, 0.9), (-0.35, 0.0, -0.4)])
def test_what_is_too_far_or_too_near_is_out_of_reach(shift_m):
    assert REACH.way(UPRIGHT, moved(shift_m), HOME) is None
