"""One RGB-D frame, depth aligned to colour, and the Protocol of what delivers such frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import CameraError
from bridge_ros.geometry.intrinsics import Intrinsics


@dataclass(frozen=True, kw_only=True)
class RGBDFrame:
    """Colour and depth of one instant, in the colour camera's optical frame.

    Attributes:
        rgb: `(H, W, 3)` uint8.
        depth_m: `(H, W)` float32 [m], 0 where unknown, aligned to colour.
        intrinsics: of the colour camera; its size is that of the images.
        stamp_s: seconds since the epoch at which the image was taken.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    intrinsics: Intrinsics
    stamp_s: float

    def __post_init__(self) -> None:
        size = (self.intrinsics.height, self.intrinsics.width)
        if self.rgb.shape != (*size, 3) or self.rgb.dtype != np.uint8:
            raise CameraError(
                f"colour image: expected {(*size, 3)} uint8, got {self.rgb.shape} {self.rgb.dtype}"
            )
        if self.depth_m.shape != size or self.depth_m.dtype != np.float32:
            raise CameraError(
                f"depth image: expected {size} float32 metres, "
                f"got {self.depth_m.shape} {self.depth_m.dtype}"
            )


class FrameSource(Protocol):
    """A camera, or what replaces it. Used from one thread."""

    def start(self) -> None:
        """Open the device. Raises CameraError with what to do when it cannot."""

    def read(self, timeout_s: float) -> RGBDFrame:
        """Wait for the next frame. Raises CameraError when none comes in time."""

    def stop(self) -> None:
        """Close the device; safe to call at any time."""
