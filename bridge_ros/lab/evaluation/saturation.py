"""How early a curve of successes comes up to its last one (the paper's table 7 and figure 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.evaluation.proportion import Proportion

Curve = list[tuple[float, Proportion]]
"""Successes by the steps of fine-tuning, in their order."""

_SATURATED = 0.9
_DRAWS = 20_000


def saturates_at(curve: Curve) -> float:
    """Where a curve comes within a tenth of its last success, and falls no more below that.

    Of the paper's table 7 that is step 1,000 with the expert, and 3,000 with inverse kinematics.
    """
    enough = _SATURATED * curve[-1][1].share - 1e-9
    below = [i for i, (_, success) in enumerate(curve) if success.share < enough]
    return curve[below[-1] + 1 if below else 0][0]


def progress(curve: Curve) -> float:
    """Mean success before the last point, as a share of the last: the higher, the earlier.

    For curves that end above zero. Of the paper's table 7, from step 500 on, it is 0.95 with the
    expert, and 0.75 with inverse kinematics.
    """
    return float(_progress(np.array([success.share for _, success in curve])))


def lead(first: FloatArray, other: FloatArray) -> tuple[float, float, float]:
    """How much higher the first curve's `progress` is, with a 95 % interval.

    The interval is a bootstrap's over the scenes, in which all points of both curves stay together:
    a scene that is hard for one is hard for the other.

    Args:
        first, other: successes `(points, scenes)`, 1 or 0, at the same steps and in the same
            scenes; NaN where a trial is not counted. Both end above zero.
    """
    scenes = first.shape[1]
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(scenes, np.full(scenes, 1 / scenes), size=_DRAWS).T
    ahead = _progress(_shares(first, drawn)) - _progress(_shares(other, drawn))
    low, high = np.nanquantile(ahead, (0.025, 0.975))
    once = np.ones(scenes)
    told = _progress(_shares(first, once)) - _progress(_shares(other, once))
    return float(told), float(low), float(high)


def _shares(successes: FloatArray, times: NDArray[Any]) -> FloatArray:
    """Of scenes that count so many times `(scenes, ...)`; NaN where none is left."""
    counted = np.isfinite(successes)
    with np.errstate(invalid="ignore"):
        shares: FloatArray = np.nan_to_num(successes) @ times / (counted @ times)
    return shares


def _progress(shares: FloatArray) -> FloatArray:
    """Of shares `(points, ...)`; NaN where the last is zero."""
    last = np.where(shares[-1] > 0.0, shares[-1], np.nan)
    mean: FloatArray = shares[:-1].mean(axis=0) / last
    return mean
