"""Image coordinates as models speak them, mapped to pixels of the camera's image and back.

Model families differ: Qwen2.5-VL means pixels of the image that its processor made, Qwen2-VL and
Qwen3-VL thousandths of the image's width and height, others pixels of the image that was sent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray

Convention = Literal["resized", "original", "thousand"]
ConventionChoice = Literal["auto", "resized", "original", "thousand"]

_BY_MODEL_TYPE: dict[str, Convention] = {
    "qwen2_vl": "thousand",
    "qwen2_5_vl": "resized",
    "qwen3_vl": "thousand",
    "qwen3_vl_moe": "thousand",
    "internvl": "thousand",
}
# Parts of the names that models have on hubs and servers; the first one found counts.
_BY_NAME: tuple[tuple[str, Convention], ...] = (
    ("qwen25vl", "resized"),
    ("qwen2vl", "thousand"),
    ("qwen3vl", "thousand"),
    ("internvl", "thousand"),
)


def convention_of(
    choice: ConventionChoice, *, declared: str = "", model_type: str = "", name: str = ""
) -> Convention:
    """The convention that was chosen; `auto` goes by what the model says, its type, or its name.

    Args:
        declared: the entry `image_coordinates` of a model's config, where there is one.

    Raises:
        ConfigError: for `auto` with a family that is not known; it is never guessed.
    """
    if choice != "auto":
        return choice
    if declared in get_args(Convention):
        return cast(Convention, declared)
    if model_type in _BY_MODEL_TYPE:
        return _BY_MODEL_TYPE[model_type]
    plain = "".join(c for c in name.lower() if c.isalnum())
    for part, convention in _BY_NAME:
        if part in plain:
            return convention
    raise ConfigError(
        f"coordinates: it is not known how {model_type or name!r} tells image coordinates; "
        "expected one of resized, original, thousand in place of auto"
    )


@dataclass(frozen=True, kw_only=True)
class PixelMap:
    """Maps a model's coordinates to pixels of the camera's image, exactly, and back.

    Pixel centres are at whole numbers in both images, and a resized image shows what the original
    does from edge to edge: pixel x of w lies at the share (x + 0.5) / w.

    Attributes:
        convention: what the model's numbers mean.
        width, height: of the camera's image [px].
        resized_width, resized_height: of the image that the model's processor makes of it.
    """

    convention: Convention
    width: int
    height: int
    resized_width: int
    resized_height: int

    def __post_init__(self) -> None:
        if min(self.width, self.height, self.resized_width, self.resized_height) < 1:
            raise ConfigError(f"image sizes: expected positive numbers of pixels, got {self}")

    @property
    def extent(self) -> tuple[int, int]:
        """The largest coordinates within the image, (horizontal, vertical)."""
        if self.convention == "thousand":
            return 1000, 1000
        if self.convention == "resized":
            return self.resized_width - 1, self.resized_height - 1
        return self.width - 1, self.height - 1

    def to_pixels(self, coordinates: ArrayLike) -> FloatArray:
        """Coordinates `(…, 2)` of the model to pixels `(…, 2)` (u, v) of the camera's image."""
        given = np.asarray(coordinates, dtype=np.float64)
        size = np.array([self.width, self.height], dtype=np.float64)
        if self.convention == "original":
            return given
        if self.convention == "thousand":
            return given / 1000.0 * size - 0.5
        return (given + 0.5) * size / [self.resized_width, self.resized_height] - 0.5

    def from_pixels(self, pixels: ArrayLike) -> FloatArray:
        """Pixels `(…, 2)` of the camera's image to coordinates of the model; not rounded."""
        given = np.asarray(pixels, dtype=np.float64)
        size = np.array([self.width, self.height], dtype=np.float64)
        if self.convention == "original":
            return given
        if self.convention == "thousand":
            return (given + 0.5) / size * 1000.0
        return (given + 0.5) * [self.resized_width, self.resized_height] / size - 0.5


def smart_resize(
    width: int, height: int, *, factor: int, min_pixels: int, max_pixels: int
) -> tuple[int, int]:
    """The size (width, height) that the image processors of the Qwen-VL family resize to.

    Both sides become multiples of `factor`, the area stays between the limits, and the aspect
    ratio is kept as far as that allows. An image of such a size is left as it is.
    """
    new_width = round(width / factor) * factor
    new_height = round(height / factor) * factor
    if new_width * new_height > max_pixels:
        beta = math.sqrt(width * height / max_pixels)
        new_width = max(factor, math.floor(width / beta / factor) * factor)
        new_height = max(factor, math.floor(height / beta / factor) * factor)
    elif new_width * new_height < min_pixels:
        beta = math.sqrt(min_pixels / (width * height))
        new_width = math.ceil(width * beta / factor) * factor
        new_height = math.ceil(height * beta / factor) * factor
    return new_width, new_height
