"""Takes RGB-D frames in from a camera's topics: colour, aligned depth and camera_info."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.camera.pairing import StampPairing
from bridge_ros.errors import CameraError, ConfigError, StaleObservationError
from bridge_ros.ros import topics
from bridge_ros.ros.camera_subscription import subscribe_camera
from bridge_ros.ros.conversions import frame_from_msgs, stamp_to_s


class FrameIntake:
    """Subscribes while it looks, as images are costly to receive; `rest` ends that."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._subscriptions: list[Subscription] = []
        self._forget()

    def look(self) -> None:
        """Subscribe, unless it has done so already."""
        if self._subscriptions:
            return
        self._subscriptions = [
            subscribe_camera(self._node, Image, topics.COLOR_IMAGE, self._on_color),
            subscribe_camera(self._node, Image, topics.DEPTH_IMAGE, self._on_depth),
            subscribe_camera(self._node, CameraInfo, topics.COLOR_INFO, self._on_info),
        ]

    def rest(self) -> None:
        """Unsubscribe, and forget what was seen."""
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)
        self._subscriptions = []
        self._forget()

    def newest(self) -> tuple[float, Callable[[], RGBDFrame]]:
        """Stamp of the newest frame [s], and what makes it; that raises CameraError if malformed.

        Raises:
            StaleObservationError: if none has come since it looks; says what is missing.
        """
        if self._pair is None or self._info is None:
            missing = {"colour", "depth", "camera_info"} - self._heard
            why = f"no {' and no '.join(sorted(missing))}" if missing else "no two of one stamp"
            raise StaleObservationError(f"camera: {why} on {topics.COLOR_IMAGE} and its siblings")
        return stamp_to_s(self._pair[0].header.stamp), partial(_frame, *self._pair, self._info)

    def _forget(self) -> None:
        self._pairing: StampPairing[Image] = StampPairing()
        self._pair: tuple[Image, Image] | None = None
        self._info: CameraInfo | None = None
        self._heard: set[str] = set()

    def _on_color(self, message: Image) -> None:
        self._heard.add("colour")
        self._offer("color", message)

    def _on_depth(self, message: Image) -> None:
        self._heard.add("depth")
        self._offer("depth", message)

    def _on_info(self, message: CameraInfo) -> None:
        self._heard.add("camera_info")
        self._info = message

    def _offer(self, kind: str, message: Image) -> None:
        stamp = message.header.stamp
        self._pair = self._pairing.offer(kind, (stamp.sec, stamp.nanosec), message) or self._pair


def _frame(color: Image, depth: Image, info: CameraInfo) -> RGBDFrame:
    try:
        return frame_from_msgs(color, depth, info)
    except ConfigError as error:
        raise CameraError(f"camera_info: {error}") from error
