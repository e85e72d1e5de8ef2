"""Lets drawn things change colours with one another, in the image and in the words about it.

A thing's name then follows from what is seen and said, and not from what scene it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from numpy.typing import NDArray

from bridge_ros.sim.objects import PALETTE
from bridge_ros.training.vlm.conversations import Conversation

_NAMES = ("red", "green", "blue", "yellow", "purple")
_HSV = rgb_to_hsv([PALETTE[name] for name in _NAMES])
_LEAST_SATURATION = 0.6
"""Tables, baskets and furniture are paler, and stay as they are."""
_WORD = re.compile(rf"\b({'|'.join(_NAMES)})\b")


def recolour(
    conversation: Conversation, rgb: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[Conversation, NDArray[np.uint8]]:
    """The same scene `(H, W, 3)`, its colours dealt out anew."""
    order = rng.permutation(len(_NAMES))
    becomes = {name: _NAMES[other] for name, other in zip(_NAMES, order, strict=True)}
    turns = tuple(
        replace(turn, text=_WORD.sub(lambda found: becomes[found[0]], turn.text))
        for turn in conversation.turns
    )
    return replace(conversation, turns=turns), _repainted(rgb, order)


def _repainted(rgb: NDArray[np.uint8], order: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Pixels near the paint of a name get that of another, as bright or as shaded as before."""
    bright, low = rgb.max(axis=-1).astype(np.float32), rgb.min(axis=-1)
    painted = bright - low > _LEAST_SATURATION * np.maximum(bright, 1.0)
    if not painted.any():
        return rgb
    hsv = rgb_to_hsv(rgb[painted].astype(np.float32) / 255.0)
    away = np.abs(hsv[:, :1] - _HSV[:, 0])
    before = np.minimum(away, 1.0 - away).argmin(axis=1)
    after = order[before]
    hsv[:, 0] = _HSV[after, 0]
    hsv[:, 1] = _HSV[after, 1]
    hsv[:, 2] = np.minimum(hsv[:, 2] * _HSV[after, 2] / _HSV[before, 2], 1.0)
    changed = rgb.copy()
    changed[painted] = np.rint(255.0 * hsv_to_rgb(hsv)).astype(np.uint8)
    return changed
