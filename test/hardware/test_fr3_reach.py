"""The FR3's kinematics are those of its model, and reach is told truly."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest

from bridge_ros.geometry.poses import rotation_between
from bridge_ros.hardware.fr3_kinematics import dexterity, flange_pose, joint_margin_rad
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import HOME_JOINTS, World

REACH = Fr3Reach(flange_to_tcp=GripperModel.load().flange_to_tcp, home_joints=HOME_JOINTS)
HOME = np.array(HOME_JOINTS)
UPRIGHT = REACH.tcp_pose(HOME)


def moved(shift_m):
    return np.concatenate([UPRIGHT[:3] + shift_m, UPRIGHT[3:]])


def test_the_flange_is_where_the_robot_s_model_has_it():
    world = World(make_scene("tabletop", 1000))
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


def followed(start, shift_m, reach, steps=60):
    """Room and dexterity all along a straight way, as far as it is allowed."""
    joints, seen = start, []
    for number in range(steps):
        goal = moved(np.array(shift_m) * (number + 1) / steps)
        if not reach.allows(goal, joints):
            break
        joints = replace(REACH, joint_margin_rad=-9.0, least_dexterity=0.0).joints_at(goal, joints)
        seen.append((joint_margin_rad(joints), dexterity(joints, reach.flange_to_tcp)))
    return np.array(seen)


@pytest.mark.parametrize("shift_m", [(0.6, 0.0, 0.0), (0.0, 0.0, 0.9), (-0.2, 0.0, -0.4)])
def test_the_arm_is_allowed_to_go_as_far_as_it_keeps_room(shift_m):
    seen = followed(HOME, shift_m, REACH)
    assert 5 < len(seen) < 60
    assert seen[:, 0].min() >= REACH.joint_margin_rad
    assert seen[:, 1].min() >= REACH.least_dexterity


def test_an_arm_without_room_may_go_where_it_has_more():
    strict = replace(REACH, joint_margin_rad=1.5)
    assert joint_margin_rad(HOME) < 1.5
    towards, away = (
        next(
            goal
            for goal in (moved((0.0, 0.0, sign * 0.02)) for sign in signs)
            if (joint_margin_rad(REACH.joints_at(goal, HOME)) > joint_margin_rad(HOME)) is better
        )
        for signs, better in (((1, -1), True), ((1, -1), False))
    )
    assert strict.allows(towards, HOME)
    assert not strict.allows(away, HOME)


def test_from_joints_that_are_not_known_nothing_is_allowed():
    assert not REACH.allows(UPRIGHT, np.full(7, np.nan))
