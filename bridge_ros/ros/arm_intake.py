"""Keeps the newest word on the arm and the gripper: what is measured, and what was commanded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64

from bridge_ros.errors import ObservationError, StaleObservationError
from bridge_ros.expert.loop import ArmObservation
from bridge_ros.geometry.poses import FloatArray, as_pose, distance_between, rotation_between
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, stamp_to_s
from bridge_ros.status import TrajectoryReason

MAX_LEAD_M, MAX_LEAD_RAD = 0.045, 0.3
"""An arm farther from what was commanded does not follow it: the controller refused that, or held.
Just within the step that the controller allows after a hold."""

T = TypeVar("T")


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


class ArmIntake:
    """Hears ee_pose and joint_states, and calls `on_arm` with each complete measurement."""

    def __init__(self, node: Node, on_arm: Callable[[ArmObservation], None] | None = None) -> None:
        self._node = node
        self._on_arm = on_arm
        self._joints: tuple[FloatArray | None, float] | None = None
        self.newest: ArmObservation | None = None
        node.create_subscription(JointState, topics.JOINT_STATES, self._on_joints, topics.SENSOR)
        node.create_subscription(PoseStamped, topics.EE_POSE, self._on_pose, topics.SENSOR)

    @property
    def gripper_width_m(self) -> float:
        """The newest measured opening; negative while it is unknown."""
        return self._joints[1] if self._joints else -1.0

    def _on_joints(self, message: JointState) -> None:
        width_m = width_from_joint_state(message)
        if width_m is not None:
            self._joints = (arm_from_joint_state(message), width_m)

    def _on_pose(self, message: PoseStamped) -> None:
        if self._joints is None:
            return
        try:
            if message.header.frame_id != topics.BASE_FRAME:
                raise ObservationError(
                    f"{topics.EE_POSE}: expected frame {topics.BASE_FRAME!r}, "
                    f"got {message.header.frame_id!r}"
                )
            pose = as_pose(pose_from_msg(message.pose), name=topics.EE_POSE)
        except ObservationError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        joint_positions, width_m = self._joints
        self.newest = ArmObservation(
            stamp_s=stamp_to_s(message.header.stamp),
            ee_pose=pose,
            joint_positions=joint_positions,
            gripper_width=width_m,
        )
        if self._on_arm is not None:
            self._on_arm(self.newest)


class CommandIntake:
    """Hears what the arm and the gripper were last told, by whoever told them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._pose: tuple[float, FloatArray] | None = None
        self._width: tuple[float, float] | None = None
        node.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_pose, topics.COMMAND)
        node.create_subscription(
            Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.COMMAND
        )

    def start_of_motion(
        self,
        measured: ArmObservation | None,
        now_s: float,
        *,
        max_target_age_s: float,
        max_state_age_s: float,
    ) -> tuple[FloatArray, float]:
        """Pose `(7,)` and gripper width [m] from which a motion begins now.

        They are those last commanded, where that is recent and the arm is near it, so that neither
        the arm nor the force of the grip jumps; otherwise the measured ones.

        Raises:
            StaleObservationError: if nothing recent enough is known.
        """
        fresh = measured if measured and now_s - measured.stamp_s <= max_state_age_s else None
        pose = _recent(self._pose, now_s - max_target_age_s, fresh.ee_pose if fresh else None)
        if fresh and pose is not None and _is_far(pose, fresh.ee_pose):
            pose = fresh.ee_pose
        width = _recent(
            self._width, now_s - max_target_age_s, fresh.gripper_width if fresh else None
        )
        if pose is None or width is None:
            raise StaleObservationError(
                TrajectoryReason.START_UNKNOWN.because(
                    limit_s=max_state_age_s, topics=f"{topics.EE_POSE} and {topics.JOINT_STATES}"
                )
            )
        return pose, width

    def _on_pose(self, message: PoseStamped) -> None:
        try:
            pose = as_pose(pose_from_msg(message.pose), name=topics.TARGET_POSE)
        except ObservationError:
            return
        self._pose = (self._now_s(), pose)

    def _on_width(self, message: Float64) -> None:
        if math.isfinite(message.data):
            self._width = (self._now_s(), max(message.data, 0.0))

    def _now_s(self) -> float:
        return float(self._node.get_clock().now().nanoseconds) * 1e-9


def _is_far(commanded: FloatArray, measured: FloatArray) -> bool:
    lead_m = distance_between(commanded, measured)
    return lead_m > MAX_LEAD_M or rotation_between(commanded, measured) > MAX_LEAD_RAD


def _recent(heard: tuple[float, T] | None, since_s: float, otherwise: T | None) -> T | None:
    return heard[1] if heard is not None and heard[0] >= since_s else otherwise
