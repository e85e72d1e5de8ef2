"""Turns aligned depth images into clouds in base; the work is left to whoever wants them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.errors import BridgeError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.perception import CloudBuilder, CloudSettings
from bridge_ros.ros import topics
from bridge_ros.ros.camera_subscription import subscribe_camera
from bridge_ros.ros.conversions import depth_from_msg, intrinsics_from_msg, stamp_to_s
from bridge_ros.ros.static_transforms import StaticTransforms

CloudSource = Callable[[], NDArray[np.float32]]


class DepthIntake:
    """Calls `on_cloud(stamp_s, source)` for every depth image whose camera and place are known.

    An image that is not of the size that camera_info tells is passed over: where the resolution
    changes, the one comes before the other.
    """

    def __init__(
        self,
        node: Node,
        settings: CloudSettings,
        transforms: StaticTransforms,
        on_cloud: Callable[[float, CloudSource], None],
    ) -> None:
        self._node = node
        self._builder = CloudBuilder(settings)
        self._transforms = transforms
        self._on_cloud = on_cloud
        self._intrinsics: Intrinsics | None = None
        subscribe_camera(node, CameraInfo, topics.DEPTH_INFO, self._on_info)
        subscribe_camera(node, Image, topics.DEPTH_IMAGE, self._on_depth)

    def _on_info(self, message: CameraInfo) -> None:
        try:
            self._intrinsics = intrinsics_from_msg(message)
        except BridgeError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def _on_depth(self, message: Image) -> None:
        intrinsics = self._intrinsics
        if intrinsics is None:
            return
        told, got = (intrinsics.width, intrinsics.height), (message.width, message.height)
        if got != told:
            self._node.get_logger().warning(
                f"depth image: expected {told[0]}x{told[1]} as camera_info says, got "
                f"{got[0]}x{got[1]}; passed over",
                throttle_duration_sec=1.0,
            )
            return
        try:
            camera_pose = self._transforms.lookup(topics.BASE_FRAME, message.header.frame_id)
        except BridgeError as error:
            self._node.get_logger().warning(f"depth image: {error}", throttle_duration_sec=1.0)
            return
        self._on_cloud(
            stamp_to_s(message.header.stamp),
            lambda: self._builder.build(depth_from_msg(message), intrinsics, camera_pose),
        )
