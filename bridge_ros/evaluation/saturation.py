"""How early a curve of successes comes up to its last one (the paper's table 7 and figure 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.evaluation.proportion import Proportion

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


def lead(first: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[float, float, float]:
    """How much higher the first curve's `progress` is, with a 95 % interval.

    The interval is a bootstrap's over the scenes, in which all points of both curves stay together:
    a scene that is hard for one is hard for the other.

    Args:
        first, other: successes `(points, scenes)`, at the same steps and in the same scenes. Both
            end above zero.
    """
    scenes = first.shape[1]
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(scenes, np.full(scenes, 1 / scenes), size=_DRAWS) / scenes
    curves = [_progress(successes @ drawn.T) for successes in (first, other)]
    low, high = np.nanquantile(curves[0] - curves[1], (0.025, 0.975))
    told = [float(_progress(successes.mean(axis=1))) for successes in (first, other)]
    return told[0] - told[1], float(low), float(high)


def _progress(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of shares `(points, ...)`; NaN where the last is zero."""
    last = np.where(shares[-1] > 0.0, shares[-1], np.nan)
    mean: NDArray[np.float64] = shares[:-1].mean(axis=0) / last
    return mean
