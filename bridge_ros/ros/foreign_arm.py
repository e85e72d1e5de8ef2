"""The topics of a foreign Cartesian controller: its arm's state in, our targets out."""

from __future__ import annotations

import time

import numpy as np
from builtin_interfaces.msg import Time
from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from sensor_msgs.msg import JointState

from bridge_ros.errors import ConfigError, ObservationError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.foreign_state import ForeignState
from bridge_ros.hardware.topic_settings import TopicSettings
from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import pose_from_stamped, pose_to_stamped, stamp_to_s

_JOINTS = 7


class ForeignArm:
    """Between those topics and the driver `TopicArm`.

    Subscribes: the settings' joint_states_topic and pose_topic. What is unusable is ignored, with
        a warning, so that the state grows old and the arm holds.
    Publishes: target_topic.

    Raises:
        ConfigError: for a topic that we publish ourselves; its state would never grow old.
    """

    def __init__(self, node: Node, settings: TopicSettings) -> None:
        self.state = ForeignState()
        self._node = node
        self._settings = settings
        ours = {
            node.resolve_topic_name(name)
            for name in (topics.JOINT_STATES, topics.EE_POSE, topics.TARGET_POSE)
        }
        for name in ("target_topic", "pose_topic", "joint_states_topic"):
            topic = node.resolve_topic_name(getattr(settings, name))
            if topic in ours:
                raise ConfigError(
                    f"arm.topic.{name}: expected a topic of the other controller, got {topic}, "
                    "which is ours"
                )
        self._target_pub = node.create_publisher(PoseStamped, settings.target_topic, topics.COMMAND)
        node.create_subscription(
            JointState, settings.joint_states_topic, self._on_joints, topics.SENSOR
        )
        node.create_subscription(PoseStamped, settings.pose_topic, self._on_pose, topics.SENSOR)

    def send(self, pose: FloatArray) -> None:
        """Publish a target `(7,)`, base frame; from any thread."""
        self._target_pub.publish(
            pose_to_stamped(
                pose,
                frame_id=self._settings.frame_id,
                stamp=self._node.get_clock().now().to_msg(),
            )
        )

    def _on_pose(self, message: PoseStamped) -> None:
        try:
            topic, frame_id = self._settings.pose_topic, self._settings.frame_id
            pose = pose_from_stamped(message, frame_id=frame_id, name=topic)
            self.state.put_pose(pose, self._measured_s(topic, message.header.stamp))
        except ObservationError as error:
            self._warn(error)

    def _on_joints(self, message: JointState) -> None:
        # Broadcasters promise no order; the numbers at the ends of the names are the joints'.
        order = sorted(range(len(message.name)), key=lambda number: message.name[number])
        arm = [number for number in order if "finger" not in message.name[number]]
        try:
            if len(arm) != _JOINTS or len(message.position) != len(message.name):
                raise ObservationError(
                    f"{self._settings.joint_states_topic}: expected positions of {_JOINTS} joints "
                    f"beside the fingers, got {list(message.name)}"
                )
            positions, velocities, torques = (
                np.array(values)[arm] if len(values) == len(message.name) else None
                for values in (message.position, message.velocity, message.effort)
            )
            assert positions is not None, "their number was just checked"
            measured_s = self._measured_s(self._settings.joint_states_topic, message.header.stamp)
            self.state.put_joints(positions, velocities, torques, measured_s)
        except ObservationError as error:
            self._warn(error)

    def _measured_s(self, topic: str, stamp: Time) -> float:
        """When that was, on the monotonic clock; what bears no stamp is from now."""
        stamp_s, now_s = stamp_to_s(stamp), time.monotonic()
        if stamp_s == 0.0:
            return now_s
        age_s = clock_s(self._node) - stamp_s
        if age_s < -self._settings.max_age_s:
            raise ObservationError(
                f"{topic}: expected a stamp at most {self._settings.max_age_s} s ahead, got one "
                f"{-age_s:.2f} s ahead; do the clocks of both computers agree?"
            )
        return now_s - max(age_s, 0.0)

    def _warn(self, error: ObservationError) -> None:
        self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)
