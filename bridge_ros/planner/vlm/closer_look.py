"""A window of an image, blown up to its size: to point at something exactly, look closer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class CloserLook:
    """Which part of an image is looked at.

    Attributes:
        left, top: of the window in the image, in pixels from its corner.
        zoom: how much larger things are in the picture, which is as large as the image.
    """

    left: float
    top: float
    zoom: float

    @classmethod
    def around(cls, pixel: FloatArray, size: tuple[int, int], zoom: float) -> CloserLook:
        """The window that has a pixel `(2,)` in its middle, or as near to it as the edges allow.

        Args:
            size: width and height of the image.
        """
        window = np.array(size) / zoom
        corner = np.clip(pixel + 0.5 - window / 2, 0.0, np.array(size) - window)
        return cls(left=float(corner[0]), top=float(corner[1]), zoom=zoom)

    def picture(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What an image `(H, W, 3)` shows there, `(H, W, 3)`."""
        height, width = rgb.shape[:2]
        box = (self.left, self.top, self.left + width / self.zoom, self.top + height / self.zoom)
        larger = Image.fromarray(rgb).resize((width, height), Image.Resampling.BILINEAR, box=box)
        return np.array(larger)

    def to_picture(self, pixel: FloatArray) -> FloatArray:
        """A pixel `(2,)` of the image in the picture."""
        return np.asarray((pixel + 0.5 - [self.left, self.top]) * self.zoom - 0.5)

    def to_image(self, pixel: FloatArray) -> FloatArray:
        """A pixel `(2,)` of the picture in the image."""
        return np.asarray((pixel + 0.5) / self.zoom + [self.left, self.top] - 0.5)
