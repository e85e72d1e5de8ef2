"""The camera node: publishes RGB-D frames under the names of the official RealSense node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.camera.capture import Capture, CaptureSettings
from bridge_ros.camera.frame import FrameSource, RGBDFrame
from bridge_ros.camera.playback import PlaybackSettings, PlaybackSource
from bridge_ros.camera.realsense import RealSenseSettings, RealSenseSource
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import color_to_msg, depth_to_msg, intrinsics_to_msg, s_to_stamp
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.settings.ranges import Port, Range, check_ranges
from bridge_ros.status import CameraReason, CameraState, Cause

_CHECK_PERIOD_S = 0.25


@dataclass(frozen=True, kw_only=True)
class CameraSettings:
    """Parameters of the camera node.

    Attributes:
        source: where frames come from.
        sim_host, sim_port: address of the simulator's state link, for source `sim`.
        sim_rate_hz: frames a second, for source `sim`.
    """

    source: Literal["realsense", "playback", "sim"] = "realsense"
    sim_host: str = "127.0.0.1"
    sim_port: Port = 10001
    sim_rate_hz: Annotated[float, Range(above=0.0, most=60.0)] = 10.4
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    realsense: RealSenseSettings = field(default_factory=RealSenseSettings)
    playback: PlaybackSettings = field(default_factory=PlaybackSettings)

    def __post_init__(self) -> None:
        check_ranges(self)


SETTINGS = CameraSettings


class CameraNode(BridgeNode[CameraSettings]):
    """Captures in a thread of its own; a source that fails is started again, and status says why.

    Publishes: colour (rgb8) and aligned depth (16UC1, [mm]) with a camera_info each, all four
        with one stamp, frame camera_color_optical_frame; status.
    """

    def __init__(self, **node_options: object) -> None:
        super().__init__("camera", SETTINGS, **node_options)

    def configure(self) -> None:
        publish = self.create_publisher
        self._color_pub = publish(Image, topics.COLOR_IMAGE, topics.COMMAND)
        self._depth_pub = publish(Image, topics.DEPTH_IMAGE, topics.COMMAND)
        self._color_info_pub = publish(CameraInfo, topics.COLOR_INFO, topics.COMMAND)
        self._depth_info_pub = publish(CameraInfo, topics.DEPTH_INFO, topics.COMMAND)

    def activate(self) -> None:
        self._said: Cause[CameraReason] | None = None
        self._capture = self.own(Capture(self._make_source, self._publish, self.settings.capture))
        self._capture.start()
        self.create_timer(_CHECK_PERIOD_S, self._check)

    def diagnostics(self) -> dict[str, object]:
        figures = self._capture.report().diagnostics(self.now_s())
        return {**figures, "source": self.settings.source}

    def _make_source(self) -> FrameSource:
        settings = self.settings
        if settings.source == "realsense":
            return RealSenseSource(settings.realsense)
        if settings.source == "playback":
            return PlaybackSource(settings.playback)
        # The simulator brings MuJoCo and a renderer, which a real camera has no use for.
        from bridge_ros.sim.live.camera import SimCamera

        return SimCamera(settings.sim_host, settings.sim_port, settings.sim_rate_hz)

    def _publish(self, frame: RGBDFrame) -> None:
        stamp = s_to_stamp(frame.stamp_s)
        info = intrinsics_to_msg(frame.intrinsics, stamp)
        # Depth first: the expert waits for it.
        self._depth_pub.publish(depth_to_msg(frame, stamp))
        self._depth_info_pub.publish(info)
        self._color_info_pub.publish(info)
        self._color_pub.publish(color_to_msg(frame, stamp))

    def _check(self) -> None:
        """Say so when frames begin to flow or cease to."""
        report = self._capture.report()
        if report.streaming:
            state = CameraState.STREAMING
            cause = CameraReason.FRAMES_FLOW.because(source=self.settings.source)
        else:
            state, cause = CameraState.LOST, CameraReason.NO_FRAMES.because(why=report.trouble)
        if cause == self._said:
            return
        self._said = cause
        self.publish_status(state, cause)
        if report.streaming:
            self.get_logger().info(cause.message)
        else:
            self.get_logger().warning(cause.message, throttle_duration_sec=5.0)


def main() -> None:
    """Run the node."""
    run(CameraNode)


if __name__ == "__main__":
    main()
