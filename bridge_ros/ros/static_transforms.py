"""Static transforms: /tf_static, and look-ups along its chains.

tf2_ros exists on ROS installs only; of tf2 this needs nothing but fixed frames, so it does without.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from tf2_msgs.msg import TFMessage

from bridge_ros.errors import ConfigError, ObservationError
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.geometry.transform_tree import TransformTree
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
        self._tree = TransformTree()
        self._publisher = node.create_publisher(TFMessage, topics.TF_STATIC, _QOS)
        node.create_subscription(TFMessage, topics.TF_STATIC, self._on_transforms, _QOS)

    def publish(self, transforms: dict[tuple[str, str], FloatArray]) -> None:
        """Publish poses `(7,)` of child frames, by (parent, child)."""
        message = TFMessage()
        for (parent, child), pose in transforms.items():
            self._tree.put(parent, child, pose)
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
        try:
            return self._tree.lookup(target, source)
        except ConfigError as error:
            raise ConfigError(f"{error}; is the trajectory node up?") from error

    def _on_transforms(self, message: TFMessage) -> None:
        def ignore(error: ObservationError) -> None:
            self._node.get_logger().warning(f"/tf_static: ignored: {error}")

        put_transforms(self._tree, message, ignore)


def put_transforms(
    tree: TransformTree, message: TFMessage, on_error: Callable[[ObservationError], None]
) -> None:
    """Take up the transforms of a message; malformed ones are told to `on_error`, and left out."""
    for stamped in message.transforms:
        t, r = stamped.transform.translation, stamped.transform.rotation
        child = stamped.child_frame_id
        try:
            pose = as_pose(np.array([t.x, t.y, t.z, r.x, r.y, r.z, r.w]), name=child)
        except ObservationError as error:
            on_error(error)
        else:
            tree.put(stamped.header.frame_id, child, pose)
