"""Names of colours: from RGB pixels to the words that a sentence uses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.language import COLOURS

_INDEX = {name: number for number, name in enumerate(COLOURS)}

_HUES_DEG: tuple[tuple[float, str], ...] = (
    (14.0, "red"),
    (40.0, "orange"),
    (70.0, "yellow"),
    (165.0, "green"),
    (195.0, "cyan"),
    (252.0, "blue"),
    (300.0, "purple"),
    (338.0, "pink"),
    (360.0, "red"),
)
"""Up to which hue each name reaches."""

_GREY_SATURATION = 0.20
_BROWN_SATURATION = 0.22
"""Wood is paler than what else has a hue, yet nobody calls it grey."""
_WOOD = {"orange": "brown"}
"""Wood is both."""
_BLACK_VALUE = 0.16
_WHITE_VALUE = 0.66
_BROWN_VALUE = 0.68
"""A darker orange is brown."""


SHADES = ("black", "grey", "white")
"""These are also shade and gloss."""
_FAMILY = np.array(
    [0 if name in SHADES else 1 + _INDEX[_WOOD.get(name, name)] for name in COLOURS], np.uint8
)


def name_pixels(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours `(…, 3)` to indices `(…)` into `lexicon.COLOURS`."""
    pixels = rgb.astype(np.float32) / np.float32(255.0)
    value, low = pixels.max(axis=-1), pixels.min(axis=-1)
    chroma = value - low
    saturation = chroma / np.maximum(value, 1e-6)
    hue = _hue_deg(pixels, value, np.maximum(chroma, np.float32(1e-6)))
    bounds = np.array([bound for bound, _ in _HUES_DEG[:-1]])
    by_hue = np.array([_INDEX[name] for _, name in _HUES_DEG], dtype=np.uint8)
    names = by_hue[np.searchsorted(bounds, hue, side="right")]
    warm = (hue > 14.0) & (hue < 55.0)
    names[warm & (value < _BROWN_VALUE) & (hue < 45.0)] = _INDEX["brown"]
    grey = saturation < np.where(warm, _BROWN_SATURATION, _GREY_SATURATION)
    names[grey] = _INDEX["grey"]
    names[grey & (value > _WHITE_VALUE)] = _INDEX["white"]
    names[(value < _BLACK_VALUE) | (grey & (value < 0.26))] = _INDEX["black"]
    return names


def hue_families(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Numbers `(…)` of what things of one colour have in common; 0 where a colour tells nothing."""
    return _FAMILY[name_pixels(rgb)]


def colour_shares(rgb: NDArray[np.uint8]) -> dict[str, float]:
    """How much of the pixels `(N, 3)` has which colour, the most first; shares add up to 1."""
    counts = np.bincount(name_pixels(rgb), minlength=len(COLOURS)) / max(1, len(rgb))
    order = np.argsort(-counts, kind="stable")
    return {COLOURS[i]: float(counts[i]) for i in order if counts[i] > 0}


def _hue_deg(
    pixels: NDArray[np.float32], value: NDArray[np.float32], chroma: NDArray[np.float32]
) -> NDArray[np.float32]:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    sixths = np.where(
        value == red,
        (green - blue) / chroma % 6.0,
        np.where(value == green, (blue - red) / chroma + 2.0, (red - green) / chroma + 4.0),
    )
    return np.asarray(sixths * np.float32(60.0), dtype=np.float32)
