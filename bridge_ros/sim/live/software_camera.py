"""A librealsense software device that plays a D435: known images in, frames out."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyrealsense2 as rs

WIDTH, HEIGHT, RATE_HZ = 640, 480, 30
SERIAL = "048122070001"
DEPTH_FX, COLOR_FX = 380.0, 615.0
BASELINE_M = 0.015
_PERIOD_MS = 33.0


class SoftwareCamera:
    """Two sensors. Even depth of `depth_mm` + number, and a colour that tells the number."""

    def __init__(
        self,
        domain: rs.timestamp_domain = rs.timestamp_domain.system_time,
        start_ms: float = 1_700_000_000_000.0,
    ) -> None:
        self.depth_mm = 800
        self.start_ms = start_ms
        self.device = rs.software_device()
        self.device.register_info(rs.camera_info.serial_number, SERIAL)
        self._domain = domain
        self._depth = self.device.add_sensor("Depth")
        self._color = self.device.add_sensor("Color")
        depth = self._depth.add_video_stream(
            _stream(rs.stream.depth, 1, rs.format.z16, 2, DEPTH_FX)
        )
        color = self._color.add_video_stream(
            _stream(rs.stream.color, 2, rs.format.rgb8, 3, COLOR_FX)
        )
        self._depth.add_read_only_option(rs.option.depth_units, 0.001)
        extrinsics = rs.extrinsics()
        extrinsics.rotation = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        extrinsics.translation = [BASELINE_M, 0.0, 0.0]
        depth.register_extrinsics_to(color, extrinsics)
        self._profiles = (depth.as_video_stream_profile(), color.as_video_stream_profile())

    @contextmanager
    def streaming(self) -> Iterator[None]:
        """Send frames at 30 Hz from a thread."""
        end = threading.Event()

        def run() -> None:
            due_s = time.monotonic()
            for number in itertools.count(1):
                self.send(number)
                due_s = max(due_s + 1 / RATE_HZ, time.monotonic() - 1 / RATE_HZ)
                if end.wait(max(due_s - time.monotonic(), 0.0)):
                    return

        thread = threading.Thread(target=run, name="software camera")
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

    def send(self, number: int) -> None:
        """One frameset."""
        depth = np.full((HEIGHT, WIDTH), self.depth_mm + number, np.uint16)
        color = np.full((HEIGHT, WIDTH, 3), (number % 256, 100, 50), np.uint8)
        time_ms = self.time_ms(number)
        for sensor, profile, pixels, size in (
            (self._depth, self._profiles[0], depth, 2),
            (self._color, self._profiles[1], color, 3),
        ):
            frame = rs.software_video_frame()
            frame.pixels, frame.bpp, frame.stride = pixels, size, WIDTH * size
            frame.timestamp, frame.domain = time_ms, self._domain
            frame.frame_number, frame.profile = number, profile
            if size == 2:
                frame.depth_units = 0.001
            sensor.on_video_frame(frame)

    def time_ms(self, number: int) -> float:
        """The stamp of a frameset."""
        return self.start_ms + _PERIOD_MS * number

    def number_of(self, time_ms: float) -> int:
        """The frameset of a stamp."""
        return round((time_ms - self.start_ms) / _PERIOD_MS)


def _stream(
    kind: rs.stream, uid: int, pixel: rs.format, size: int, focal: float
) -> rs.video_stream:
    intrinsics = rs.intrinsics()
    intrinsics.width, intrinsics.height = WIDTH, HEIGHT
    intrinsics.fx = intrinsics.fy = focal
    intrinsics.ppx, intrinsics.ppy = 319.5, 239.5
    intrinsics.model, intrinsics.coeffs = rs.distortion.brown_conrady, [0.0] * 5
    stream = rs.video_stream()
    stream.type, stream.index, stream.uid, stream.fmt = kind, 0, uid, pixel
    stream.width, stream.height, stream.fps, stream.bpp = WIDTH, HEIGHT, RATE_HZ, size
    stream.intrinsics = intrinsics
    return stream
