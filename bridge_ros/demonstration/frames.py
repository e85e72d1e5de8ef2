"""The RGB-D frames of a demonstration: read one at a time, and the image files of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class FrameFiles:
    """The two images of a frame: colour, 8 bit, and depth, 16 bit, millimetres."""

    rgb: Path
    depth: Path

    @classmethod
    def of(cls, folder: Path, number: int) -> FrameFiles:
        """Where they lie in a folder of frames."""
        return cls(rgb=folder / f"{number:04d}.png", depth=folder / f"{number:04d}_depth.png")


class Frames(Protocol):
    """The frames of a demonstration, none of which is read before it is asked for."""

    @property
    def times_s(self) -> FloatArray:
        """`(F,)` ascending, on the clock of the motion."""

    def read(self, number: int) -> RGBDFrame:
        """One frame; cheapest in ascending order. Raises BridgeError if it cannot be read."""

    def files(self, number: int, folder: Path) -> FrameFiles:
        """Its images as files: where they are, or, if they are in none, written into `folder`."""


def write_frame(
    folder: Path, number: int, rgb: NDArray[np.uint8], depth_m: NDArray[np.float32]
) -> FrameFiles:
    """Write the two images of a frame into a folder of frames."""
    folder.mkdir(parents=True, exist_ok=True)
    files = FrameFiles.of(folder, number)
    Image.fromarray(rgb).save(files.rgb, compress_level=1)
    millimetres = np.clip(np.rint(1000.0 * depth_m), 0, 65535).astype(np.uint16)
    Image.fromarray(millimetres).save(files.depth, compress_level=1)
    return files


def read_rgb(file: Path) -> NDArray[np.uint8]:
    """A colour image `(H, W, 3)` uint8. Raises ConfigError."""
    try:
        with Image.open(file) as image:
            return np.array(image.convert("RGB"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read as an image: {error}") from error


def read_depth(file: Path) -> NDArray[np.float32]:
    """A depth image `(H, W)` [m], 0 where unknown. Raises ConfigError."""
    try:
        with Image.open(file) as image:
            millimetres = np.array(image)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read as an image: {error}") from error
    if millimetres.ndim != 2 or millimetres.dtype not in (np.uint16, np.int32):
        raise ConfigError(
            f"{file}: expected depth of 16 bits, got {millimetres.dtype} {millimetres.shape}"
        )
    return (millimetres / 1000.0).astype(np.float32)
