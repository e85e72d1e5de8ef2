"""Hears pose targets and gripper widths, of one sender each, and hands them to the controller."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from std_msgs.msg import Float64

from bridge_ros.control.target_checks import PoseTarget
from bridge_ros.errors import TargetRefusedError
from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import pose_from_msg, stamp_to_s
from bridge_ros.ros.sole_sender import SoleSender


class TargetIntake:
    """Of several that publish targets, only the one that was there first is listened to.

    Args:
        silence_s: after so long without targets somebody else may send them.
        submit: takes every target. submit_width: takes every width [m], and may refuse it with a
            TargetRefusedError.
    """

    def __init__(
        self,
        node: Node,
        silence_s: float,
        submit: Callable[[PoseTarget], None],
        submit_width: Callable[[float], None],
    ) -> None:
        self._node = node
        self._submit = submit
        self._submit_width = submit_width
        self._pose_sender, self._width_sender = SoleSender(silence_s), SoleSender(silence_s)
        node.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_pose, topics.COMMAND)
        node.create_subscription(
            Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.COMMAND
        )

    @property
    def ignored(self) -> int:
        """How many messages of other senders were not listened to."""
        return self._pose_sender.ignored + self._width_sender.ignored

    def _on_pose(self, message: PoseStamped, info: Mapping[str, Any]) -> None:
        if not self._listens(self._pose_sender, info, topics.TARGET_POSE):
            return
        stamp_s = stamp_to_s(message.header.stamp)
        self._submit(
            PoseTarget(
                pose=pose_from_msg(message.pose),
                frame_id=message.header.frame_id,
                stamp_s=stamp_s,
                age_s=clock_s(self._node) - stamp_s,
                arrived_s=time.monotonic(),
            )
        )

    def _on_width(self, message: Float64, info: Mapping[str, Any]) -> None:
        if not self._listens(self._width_sender, info, topics.TARGET_GRIPPER_WIDTH):
            return
        try:
            self._submit_width(message.data)
        except TargetRefusedError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def _listens(self, sender: SoleSender, info: Mapping[str, Any], topic: str) -> bool:
        listens = sender.accepts(info, time.monotonic())
        if not listens:
            self._node.get_logger().warning(
                f"two programs publish on {topic}: only the first one is listened to",
                throttle_duration_sec=1.0,
            )
        return listens
