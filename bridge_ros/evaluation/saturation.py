"""How early a curve of successes comes up to its last one (the paper's table 7 and figure 4)."""

from __future__ import annotations

import numpy as np

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


def lead(first: Curve, other: Curve) -> tuple[float, float, float]:
    """How much higher the first curve's `progress` is, with a 95 % interval.

    The interval is of draws from what the trials leave possible for every share (Beta
    distributions, Jeffreys' prior).

    Args:
        first, other: at the same steps, two or more.
    """
    rng = np.random.default_rng(0)
    drawn = [_progress(np.array([_draw(rng, success) for _, success in c])) for c in (first, other)]
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975))
    return progress(first) - progress(other), float(low), float(high)


def _progress(shares: np.ndarray) -> np.ndarray:
    """Of shares `(points, ...)`."""
    mean: np.ndarray = shares[:-1].mean(axis=0) / shares[-1]
    return mean


def _draw(rng: np.random.Generator, success: Proportion) -> np.ndarray:
    failures = success.trials - success.successes
    return rng.beta(success.successes + 0.5, failures + 0.5, size=_DRAWS)
