"""Hears of the arm and the gripper: what is measured, and what they are told."""

from __future__ import annotations

import math
from collections.abc import Callable

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64

from bridge_ros.errors import ObservationError
from bridge_ros.expert.loop import ArmObservation
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import pose_from_stamped, stamp_to_s
from bridge_ros.ros.joint_states import arm_from_joint_state, width_from_joint_state
from bridge_ros.trajectory.start_of_motion import StartOfMotion


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
            pose = pose_from_stamped(message, frame_id=topics.BASE_FRAME, name=topics.EE_POSE)
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
    """Hears what the arm and the gripper are told, by whoever tells them, and passes it on."""

    def __init__(self, node: Node, start: StartOfMotion) -> None:
        self._node = node
        self._start = start
        node.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_pose, topics.COMMAND)
        node.create_subscription(
            Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.COMMAND
        )

    def _on_pose(self, message: PoseStamped) -> None:
        try:
            pose = pose_from_stamped(message, frame_id=topics.BASE_FRAME, name=topics.TARGET_POSE)
        except ObservationError:
            return  # The controller refuses it, too, and says so.
        self._start.observe_target_pose(pose, clock_s(self._node))

    def _on_width(self, message: Float64) -> None:
        if math.isfinite(message.data):
            self._start.observe_target_width(max(message.data, 0.0), clock_s(self._node))
