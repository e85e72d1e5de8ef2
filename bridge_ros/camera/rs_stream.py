"""Frames of any librealsense device, be it a camera, a recording or a software device."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import numpy as np

from bridge_ros.camera.depth_filters import DepthFilterSettings
from bridge_ros.camera.device_clock import DeviceClock
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError
from bridge_ros.geometry.intrinsics import Intrinsics


class RsStream:
    """Colour and depth of one device, synchronised, depth aligned to colour and filtered.

    Args:
        device: an `rs.device`.
        width, height, rate_hz: of both streams; None takes what the device offers first, as for a
            recording, which offers nothing else.

    Raises:
        CameraError: if the device has no such streams, or does not start.
    """

    def __init__(
        self,
        device: Any,
        filters: DepthFilterSettings,
        *,
        width: int | None = None,
        height: int | None = None,
        rate_hz: int | None = None,
    ) -> None:
        rs = _librealsense()
        self._rs = rs
        self._clock = DeviceClock()
        self._sensors: list[Any] = []
        self._syncer = rs.syncer(2)
        self._align = rs.align(rs.stream.color)
        self._filters = _make_filters(rs, filters)
        wanted = {
            rs.stream.depth: (rs.format.z16,),
            rs.stream.color: (rs.format.rgb8, rs.format.bgr8),
        }
        try:
            for sensor in device.query_sensors():
                profiles = [
                    profile
                    for stream, formats in wanted.items()
                    if (profile := _choose(sensor, stream, formats, width, height, rate_hz))
                ]
                if profiles:
                    sensor.open(profiles)
                    self._sensors.append(sensor)
                    for profile in profiles:
                        del wanted[profile.stream_type()]
            if wanted:
                missing = " and ".join(str(stream).split(".")[-1] for stream in wanted)
                raise CameraError(
                    f"RealSense: no {missing} stream of {width}x{height} at {rate_hz} Hz; "
                    "is it on a USB 3 port?"
                )
            for sensor in self._sensors:
                sensor.start(self._syncer)
        except RuntimeError as error:
            self.close()
            raise CameraError(f"RealSense: it does not start: {error}") from error
        except CameraError:
            self.close()
            raise

    def read(self, timeout_s: float) -> RGBDFrame:
        """The next frame with both images. Raises CameraError when none comes in time."""
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            ok, frameset = self._syncer.try_wait_for_frames(max(1, int(1000 * left_s)))
            if ok and frameset.get_depth_frame() and frameset.get_color_frame():
                return self._convert(frameset, time.time())
        raise CameraError(f"RealSense: no frame for {timeout_s:g} s; is it still plugged in?")

    def close(self) -> None:
        """Stop the streams; safe to call at any time."""
        for sensor in self._sensors:
            for end in (sensor.stop, sensor.close):
                # An unplugged device cannot be stopped any more; there is nothing left to do.
                with contextlib.suppress(RuntimeError):
                    end()
        self._sensors = []

    def _convert(self, frameset: Any, arrival_s: float) -> RGBDFrame:
        rs = self._rs
        try:
            aligned = self._align.process(frameset)
            color, depth = aligned.get_color_frame(), aligned.get_depth_frame()
            for one in self._filters:
                depth = one.process(depth).as_depth_frame()
        except RuntimeError as error:
            raise CameraError(f"RealSense: a frame cannot be processed: {error}") from error
        profile = color.get_profile().as_video_stream_profile()
        size = profile.get_intrinsics()
        domain = color.get_frame_timestamp_domain()
        rgb = np.asanyarray(color.get_data())
        if profile.format() == rs.format.bgr8:
            rgb = rgb[..., ::-1]
        return RGBDFrame(
            rgb=np.ascontiguousarray(rgb),
            depth_m=np.asanyarray(depth.get_data()).astype(np.float32)
            * np.float32(depth.get_units()),
            intrinsics=Intrinsics(
                width=size.width,
                height=size.height,
                fx=size.fx,
                fy=size.fy,
                cx=size.ppx,
                cy=size.ppy,
            ),
            stamp_s=self._clock.to_epoch_s(
                color.get_timestamp(),
                is_epoch=domain != rs.timestamp_domain.hardware_clock,
                arrival_s=arrival_s,
            ),
        )


def _librealsense() -> Any:
    try:
        import pyrealsense2
    except ImportError as error:
        raise CameraError(
            f"RealSense: pyrealsense2 cannot be imported ({error}); pip install pyrealsense2"
        ) from error
    return pyrealsense2


def _choose(
    sensor: Any,
    stream: Any,
    formats: tuple[Any, ...],
    width: int | None,
    height: int | None,
    rate_hz: int | None,
) -> Any | None:
    """The first stream profile of a sensor that is as wanted; None if there is none."""
    for kind in formats:
        for profile in sensor.get_stream_profiles():
            if profile.stream_type() != stream or profile.format() != kind:
                continue
            video = profile.as_video_stream_profile()
            pairs = ((width, video.width()), (height, video.height()), (rate_hz, profile.fps()))
            if all(wanted in (None, offered) for wanted, offered in pairs):
                return profile
    return None


def _make_filters(rs: Any, settings: DepthFilterSettings) -> list[Any]:
    """Spatial and temporal filters work on disparity, in which stereo noise is even."""
    filters: list[Any] = [rs.threshold_filter(settings.min_depth_m, settings.max_depth_m)]
    smoothing = [rs.spatial_filter()] if settings.spatial else []
    smoothing += [rs.temporal_filter()] if settings.temporal else []
    return [*filters, *smoothing]
