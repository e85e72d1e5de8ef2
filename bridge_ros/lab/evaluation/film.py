"""Films: a few pictures a second of an episode, as GIF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_SIZE_PX = (320, 240)
_LETTERS = 52
_LAST_MS = 1500
"""For how long the last picture stands."""


class Film:
    """Collects pictures and writes them as one GIF."""

    def __init__(self) -> None:
        self._pictures: list[Image.Image] = []

    def add(self, rgb: NDArray[np.uint8], caption: str = "") -> None:
        """The next picture, `(H, W, 3)`, and what happens in it; it is made small at once."""
        picture = Image.fromarray(rgb).resize(_SIZE_PX, Image.Resampling.LANCZOS)
        if caption:
            ImageDraw.Draw(picture).text((4, 4), caption[:_LETTERS], fill=(20, 20, 20))
        self._pictures.append(picture.quantize(128))

    def save(self, path: Path, *, period_s: float, speed: float = 2.0) -> None:
        """Write it, `speed` times as fast as it was filmed; nothing if there is no picture."""
        if not self._pictures:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        first, *rest = self._pictures
        period_ms = round(1000 * period_s / speed)
        first.save(
            path,
            save_all=True,
            append_images=rest,
            duration=[*[period_ms] * len(rest), _LAST_MS],
            loop=0,
            optimize=True,
        )
