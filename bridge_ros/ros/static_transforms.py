"""Static transforms: /tf_static, and look-ups along its chains.

tf2_ros exists on ROS installs only; of tf2 this needs nothing but fixed frames, so it does without.
"""

from __future__ import annotations

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from bridge_ros.errors import ConfigError, ObservationError
from bridge_ros.geometry.poses import IDENTITY_POSE, FloatArray, as_pose, compose, invert
from bridge_ros.ros import topics

_QOS = QoSProfile(
    depth=100,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


class StaticTransforms:
    """Publishes and hears /tf_static; the newest word on a frame counts, whoever said it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._parents: dict[str, tuple[str, FloatArray]] = {}
        self._publisher = node.create_publisher(TFMessage, topics.TF_STATIC, _QOS)
        node.create_subscription(TFMessage, topics.TF_STATIC, self._on_transforms, _QOS)

    def publish(self, transforms: dict[tuple[str, str], FloatArray]) -> None:
        """Publish poses `(7,)` of child frames, by (parent, child)."""
        message = TFMessage()
        for (parent, child), pose in transforms.items():
            self._parents[child] = (parent, pose)
            stamped = TransformStamped(child_frame_id=child)
            stamped.header.frame_id = parent
            stamped.header.stamp = self._node.get_clock().now().to_msg()
            t, r = stamped.transform.translation, stamped.transform.rotation
            t.x, t.y, t.z, r.x, r.y, r.z, r.w = map(float, pose)
            message.transforms.append(stamped)
        self._publisher.publish(message)

    def lookup(self, target: str, source: str) -> FloatArray:
        """`T_target_source` `(7,)`: maps points given in `source` into `target`.

        Raises:
            ConfigError: if no chain of transforms connects the two.
        """
        target_root, root_from_target = self._to_root(target)
        source_root, root_from_source = self._to_root(source)
        if target_root != source_root:
            raise ConfigError(
                f"no static transform from {source!r} to {target!r}: known frames are "
                f"{sorted({*self._parents, *(parent for parent, _ in self._parents.values())})}; "
                "is the trajectory node up?"
            )
        return compose(invert(root_from_target), root_from_source)

    def _to_root(self, frame: str) -> tuple[str, FloatArray]:
        pose, seen = IDENTITY_POSE, {frame}
        while frame in self._parents:
            frame, parent_from_child = self._parents[frame]
            pose = compose(parent_from_child, pose)
            if frame in seen:
                raise ConfigError(f"static transforms form a loop at {frame!r}")
            seen.add(frame)
        return frame, pose

    def _on_transforms(self, message: TFMessage) -> None:
        for stamped in message.transforms:
            t, r = stamped.transform.translation, stamped.transform.rotation
            child, parent = stamped.child_frame_id, stamped.header.frame_id
            try:
                pose = as_pose(np.array([t.x, t.y, t.z, r.x, r.y, r.z, r.w]), name=child)
            except ObservationError as error:
                self._node.get_logger().warning(f"/tf_static: ignored: {error}")
                continue
            self._parents[child] = (parent, pose)
