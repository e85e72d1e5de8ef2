"""A camera that fails when told to, around one that works."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bridge_ros.camera.frame import FrameSource, RGBDFrame
from bridge_ros.errors import CameraError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.lab.faults.fault_topics import clock_jump_s

_POLL_S = 0.02


class FailingCamera:
    """Implements `FrameSource`.

    Args:
        camera: the one that works.
        word: what is wrong at the moment: stalled, unplugged, black, no depth, half (resolution),
            clock +5 (stamps are 5 s ahead); anything else lets frames pass as they are.
    """

    def __init__(self, camera: FrameSource, word: Callable[[], str]) -> None:
        self._camera = camera
        self._word = word

    def start(self) -> None:
        """See `FrameSource`."""
        if self._word() == "unplugged":
            raise CameraError("camera: no device is connected; plug it in")
        self._camera.start()

    def read(self, timeout_s: float) -> RGBDFrame:
        """See `FrameSource`."""
        deadline_s = time.monotonic() + timeout_s
        while self._word() == "stalled":
            if time.monotonic() > deadline_s:
                raise CameraError(f"camera: no frame within {timeout_s} s")
            time.sleep(_POLL_S)
        frame = self._camera.read(timeout_s)
        word = self._word()
        if word == "unplugged":
            raise CameraError("camera: the device was unplugged")
        if word == "black":
            return replace(frame, rgb=np.zeros_like(frame.rgb))
        if word == "no depth":
            return replace(frame, depth_m=np.zeros_like(frame.depth_m))
        if word == "half":
            return _halved(frame)
        return replace(frame, stamp_s=frame.stamp_s + clock_jump_s(word))

    def stop(self) -> None:
        """See `FrameSource`."""
        self._camera.stop()


def _halved(frame: RGBDFrame) -> RGBDFrame:
    """Every other pixel; the first one's centre stays where it was."""
    whole = frame.intrinsics
    intrinsics = Intrinsics(
        width=whole.width // 2,
        height=whole.height // 2,
        fx=whole.fx / 2,
        fy=whole.fy / 2,
        cx=whole.cx / 2,
        cy=whole.cy / 2,
    )
    return replace(
        frame,
        rgb=np.ascontiguousarray(frame.rgb[::2, ::2]),
        depth_m=np.ascontiguousarray(frame.depth_m[::2, ::2]),
        intrinsics=intrinsics,
    )
