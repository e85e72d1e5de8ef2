"""One JointState of arm and fingers, and what is read of others'."""

import math

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from sensor_msgs.msg import JointState

from bridge_ros.hardware.protocols import ArmState, GripperState
from bridge_ros.ros.joint_states import (
    arm_from_joint_state,
    joint_state_to_msg,
    width_from_joint_state,
)

ARM = [f"joint{number}" for number in range(1, 8)]


def test_joint_states_tell_where_joints_and_fingers_are():
    arm = ArmState(
        joint_positions=np.arange(7.0),
        joint_velocities=np.linspace(-0.3, 0.3, 7),
        joint_torques=np.zeros(7),
        ee_pose=np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0]),
        mode="move",
        errors=(),
        in_control=True,
    )
    alone = joint_state_to_msg(arm, None, Time(sec=5))
    assert list(alone.position) == arm.joint_positions.tolist()
    assert len(alone.name) == len(alone.position) == 7
    gripper = GripperState(width_m=0.06, speed_m_s=-0.02, force_n=0.0, moving=True)
    together = joint_state_to_msg(arm, gripper, Time(sec=5))
    assert len(together.name) == len(together.position) == 9
    assert list(together.position[7:]) == [0.03, 0.03]


def test_what_is_told_is_read_again():
    message = JointState(
        name=[*ARM, "left_finger", "right_finger"], position=[0.1] * 7 + [0.02, 0.03]
    )
    assert list(arm_from_joint_state(message)) == [0.1] * 7
    assert width_from_joint_state(message) == pytest.approx(0.05)


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_what_is_not_finite_is_not_known(broken):
    message = JointState(name=[*ARM, "finger"], position=[broken] * 8)
    assert arm_from_joint_state(message) is None
    assert width_from_joint_state(message) is None


def test_an_arm_of_other_joints_and_a_hand_without_fingers_are_not_known():
    message = JointState(name=ARM[:6], position=[0.0] * 6)
    assert arm_from_joint_state(message) is None
    assert width_from_joint_state(message) is None


def test_fingers_that_are_measured_below_zero_are_shut():
    message = JointState(name=["finger_joint1", "finger_joint2"], position=[-0.001, -0.001])
    assert width_from_joint_state(message) == 0.0
