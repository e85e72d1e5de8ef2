"""Lets drawn things change colours with one another, so that names follow from what counts.

With colours dealt out anew in image and words, a name follows from what is seen and said, and not
from what scene it is. With those of the words alone, a name that was said follows from that.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from numpy.typing import NDArray

from bridge_ros.lab.training.vlm.conversations import Conversation
from bridge_ros.planner.vlm.chat import Turn
from bridge_ros.sim.objects.sim_object import PALETTE

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
    turns = _renamed(conversation.turns, order)
    return replace(conversation, turns=turns), _repainted(rgb, order)


def rename(conversation: Conversation, rng: np.random.Generator) -> Conversation:
    """The same scene, spoken of in other colours; then only the subgoal is to be learnt.

    A conversation stays as it is if its subgoal has a colour that was not said before.
    """
    colours = set(_WORD.findall(conversation.subgoal))
    if not colours or not colours <= set(_WORD.findall(conversation.turns[1].text)):
        return conversation
    order = rng.permutation(len(_NAMES))
    return conversation.naming(_renamed(conversation.turns, order))


def _renamed(turns: tuple[Turn, ...], order: NDArray[np.int64]) -> tuple[Turn, ...]:
    becomes = {name: _NAMES[other] for name, other in zip(_NAMES, order, strict=True)}
    return tuple(
        replace(turn, text=_WORD.sub(lambda found: becomes[found[0]], turn.text)) for turn in turns
    )


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
