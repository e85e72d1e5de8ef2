"""The picture that a person watches while calibrating: what the camera sees, what was found."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bridge_ros.lab.calibration.board_view import Detection

_GOOD, _BAD = (40, 220, 90), (255, 80, 60)
_TEXT = (255, 255, 255)
_SCALE = 2
_BAND_PX = 64


def draw_preview(
    rgb: NDArray[np.uint8], detection: Detection | None, *, title: str, trouble: str = ""
) -> Image.Image:
    """A picture, twice as large, with the corners found and what there is to say.

    Args:
        trouble: why this view is of no use; empty if it is.
    """
    height, width = rgb.shape[:2]
    page = Image.new("RGB", (_SCALE * width, _SCALE * height + _BAND_PX))
    page.paste(Image.fromarray(rgb).resize((_SCALE * width, _SCALE * height)), (0, _BAND_PX))
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=20)
    if detection is not None:
        colour = _BAD if trouble else _GOOD
        for number, (u, v) in zip(detection.ids, detection.corners_px, strict=True):
            x, y = _SCALE * (u + 0.5), _SCALE * (v + 0.5) + _BAND_PX
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), outline=colour, width=2)
            draw.text((x + 6, y - 18), str(number), fill=colour)
    draw.text((8, 4), title, fill=_TEXT, font=font)
    draw.text((8, 32), trouble or "this view is of use", fill=_BAD if trouble else _GOOD, font=font)
    return page


def save_preview(page: Image.Image, path: Path) -> None:
    """Write it in one piece, so that a viewer never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    page.save(unfinished, format="PNG", compress_level=1)
    os.replace(unfinished, path)
