"""The arm's joints and the gripper's fingers as one JointState, and back."""

from __future__ import annotations

import math

import numpy as np
from builtin_interfaces.msg import Time
from sensor_msgs.msg import JointState

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.protocols import ArmState, GripperState

ARM_JOINTS = [f"fr3_joint{number}" for number in range(1, 8)]
FINGER_JOINTS = ["finger_joint1", "finger_joint2"]


def joint_state_to_msg(arm: ArmState, gripper: GripperState | None, stamp: Time) -> JointState:
    """The arm's joints [rad], and of a gripper that is measured both fingers [m]."""
    message = JointState(name=ARM_JOINTS)
    message.header.stamp = stamp
    message.position = arm.joint_positions.tolist()
    if gripper is not None:
        message.name = ARM_JOINTS + FINGER_JOINTS
        message.position.extend([gripper.width_m / 2.0] * 2)
    return message


def width_from_joint_state(message: JointState) -> float | None:
    """The gripper's opening [m], the sum of its finger joints; None where there are none."""
    fingers = [
        position
        for name, position in zip(message.name, message.position, strict=False)
        if "finger" in name
    ]
    return max(sum(fingers), 0.0) if fingers and all(map(math.isfinite, fingers)) else None


def arm_from_joint_state(message: JointState) -> FloatArray | None:
    """The positions `(7,)` [rad] of the arm's joints; None for an arm with more or fewer."""
    joints = [
        position
        for name, position in zip(message.name, message.position, strict=False)
        if "finger" not in name
    ]
    if len(joints) != 7 or not all(map(math.isfinite, joints)):
        return None
    return np.array(joints)
