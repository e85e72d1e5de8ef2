"""An Intel RealSense D400 on USB as a frame source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bridge_ros.camera.depth_filters import DepthFilterSettings
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.camera.rs_stream import RsStream
from bridge_ros.errors import CameraError
from bridge_ros.settings.ranges import Count, check_ranges


@dataclass(frozen=True, kw_only=True)
class RealSenseSettings:
    """Which camera, and how it streams.

    Attributes:
        serial: serial number as `rs-enumerate-devices` shows it; None takes the only camera.
        width, height: of both streams' images [px]; the camera must offer them.
        rate_hz: frames of each stream a second; the camera must offer it.
        filters: depth clean-up.
    """

    serial: str | None = None
    width: Count = 640
    height: Count = 480
    rate_hz: Count = 30
    filters: DepthFilterSettings = field(default_factory=DepthFilterSettings)

    def __post_init__(self) -> None:
        check_ranges(self)


class RealSenseSource:
    """Implements `FrameSource`.

    Args:
        find_device: gives the `rs.device` of a serial number; USB is searched by default.
    """

    def __init__(
        self,
        settings: RealSenseSettings | None = None,
        *,
        find_device: Callable[[str | None], Any] | None = None,
    ) -> None:
        self._settings = settings or RealSenseSettings()
        self._find_device = find_device or find_usb_device
        self._stream: RsStream | None = None

    def start(self) -> None:
        """See `FrameSource.start`."""
        settings = self._settings
        self.stop()
        self._stream = RsStream(
            self._find_device(settings.serial),
            settings.filters,
            width=settings.width,
            height=settings.height,
            rate_hz=settings.rate_hz,
        )

    def read(self, timeout_s: float) -> RGBDFrame:
        """See `FrameSource.read`."""
        if self._stream is None:
            raise CameraError("RealSense: not started")
        return self._stream.read(timeout_s)

    def stop(self) -> None:
        """See `FrameSource.stop`."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def find_usb_device(serial: str | None) -> Any:
    """The connected camera of a serial number, or the only one.

    Raises:
        CameraError: naming the cameras that are connected.
    """
    try:
        import pyrealsense2 as rs
    except ImportError as error:
        raise CameraError(
            f"RealSense: pyrealsense2 cannot be imported ({error}); pip install pyrealsense2"
        ) from error
    try:
        devices = {
            device.get_info(rs.camera_info.serial_number): device
            for device in rs.context().query_devices()
        }
    except RuntimeError as error:
        raise CameraError(f"RealSense: USB cannot be searched: {error}") from error
    found = f"connected: {', '.join(devices)}" if devices else "none is connected"
    if serial is None and len(devices) == 1:
        return next(iter(devices.values()))
    if serial is None:
        raise CameraError(f"RealSense: expected one camera, or its serial number; {found}")
    if serial not in devices:
        raise CameraError(f"RealSense: no camera with serial number {serial}; {found}")
    return devices[serial]
