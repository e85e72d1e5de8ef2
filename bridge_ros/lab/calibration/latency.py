"""How late the arm follows its targets, and how far off the stamps of the camera's pictures are.

The hand is led to and fro. Its measured position is compared with its targets, and with where the
pictures show it: the delay is what makes the two curves alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from bridge_ros.errors import BridgeError
from bridge_ros.geometry.poses import FloatArray, position_of

_SHORTEST_S, _LONGEST_S = -0.3, 0.6
_STEP_S = 0.001
_LEAST_SAMPLES = 20
_LEAST_LIKENESS = 0.95
_ROWS, _COLUMNS, _BLUR = 24, 32, 1.5
_BEND = 3
"""Brightness bends what it tells of the hand's position: a polynomial of this degree may."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A number over time: `times_s` `(N,)` ascending, `values` `(N,)`."""

    times_s: FloatArray
    values: FloatArray


@dataclass(frozen=True, kw_only=True)
class Delay:
    """How much later one curve does what another did.

    Attributes:
        seconds: negative if it is earlier.
        likeness: correlation of the two then; 1 if the one follows from the other, scaled and bent.
    """

    seconds: float
    likeness: float


@dataclass(frozen=True, kw_only=True)
class HeardStrokes:
    """What was heard while the hand was led to and fro; times are the messages' stamps [s].

    Attributes:
        targets, poses: of the tool centre point `(7,)`, base frame: wanted, and measured.
        pictures: see `coarse`.
    """

    targets: list[tuple[float, FloatArray]] = field(default_factory=list)
    poses: list[tuple[float, FloatArray]] = field(default_factory=list)
    pictures: list[tuple[float, FloatArray]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Latency:
    """The result, and the curves it is from.

    Attributes:
        arm: from a target to the arm's being there.
        camera: how much later the pictures show the hand than the arm says it was there, by the
            stamps of both. Positive: pictures are stamped too late, or poses too early.
        wanted, measured: the hand's position along its way [m]. seen: what grows with it.
    """

    arm: Delay
    camera: Delay
    wanted: Curve
    measured: Curve
    seen: Curve


def coarse(rgb: NDArray[np.uint8]) -> FloatArray:
    """All of a picture `(H, W, 3)` that is needed: `(24, 32)` means of its green."""
    height, width = (
        size // count for size, count in zip(rgb.shape, (_ROWS, _COLUMNS), strict=False)
    )
    green = rgb[: height * _ROWS, : width * _COLUMNS, 1]
    blocks = green.reshape(_ROWS, height, _COLUMNS, width)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)


def measure_latency(motion: HeardStrokes) -> Latency:
    """Find both delays.

    Raises:
        BridgeError: if too little was heard, or the curves are not alike.
    """
    for what, heard in vars(motion).items():
        if len(heard) < _LEAST_SAMPLES:
            raise BridgeError(
                f"latency: expected {_LEAST_SAMPLES} {what} or more, heard {len(heard)}"
            )
    target_s, targets = _positions(motion.targets)
    pose_s, poses = _positions(motion.poses)
    along = np.linalg.svd(poses - poses.mean(axis=0), full_matrices=False)[2][0]
    wanted = Curve(times_s=target_s, values=targets @ along)
    measured = Curve(times_s=pose_s, values=poses @ along)
    seen = _seen(motion.pictures)
    return Latency(
        arm=_told("the arm's motion and its targets", wanted, measured),
        camera=_told("the hand in the pictures and the arm's motion", measured, seen, bend=_BEND),
        wanted=wanted,
        measured=measured,
        seen=seen,
    )


def delay_between(first: Curve, second: Curve, *, bend: int = 1) -> Delay:
    """How much later `second` does what a polynomial of degree `bend` makes of `first`."""
    delays_s = np.arange(_SHORTEST_S, _LONGEST_S, _STEP_S)
    likeness = np.array([_correlation(first, second, delay_s, bend) for delay_s in delays_s])
    best = int(np.argmax(likeness))
    return Delay(seconds=float(delays_s[best]), likeness=float(likeness[best]))


def _told(what: str, first: Curve, second: Curve, *, bend: int = 1) -> Delay:
    delay = delay_between(first, second, bend=bend)
    if delay.likeness < _LEAST_LIKENESS:
        raise BridgeError(
            f"latency: {what} are not alike (correlation {delay.likeness:.2f}, expected "
            f"{_LEAST_LIKENESS}): does the arm move freely, in view of the camera, with nothing "
            "else moving there?"
        )
    return delay


def _correlation(first: Curve, second: Curve, delay_s: float, bend: int) -> float:
    at_s = second.times_s - delay_s
    inside = (at_s >= first.times_s[0]) & (at_s <= first.times_s[-1])
    if np.count_nonzero(inside) < _LEAST_SAMPLES:
        return 0.0
    before = np.interp(at_s[inside], first.times_s, first.values)
    after = second.values[inside]
    if np.ptp(before) == 0.0 or np.ptp(after) == 0.0:
        return 0.0
    bent = np.polynomial.Polynomial.fit(before, after, bend)(before)
    return float(np.corrcoef(bent, after)[0, 1])


def _positions(heard: list[tuple[float, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    return np.array([at_s for at_s, _ in heard]), np.array([position_of(pose) for _, pose in heard])


def _seen(pictures: list[tuple[float, FloatArray]]) -> Curve:
    """What changes most in the pictures, which grows and falls with the hand's way.

    Their first principal component: what stands still has no part in it. Blurred further than the
    hand moves in a moment, brightness follows its position.
    """
    blurred = np.array([gaussian_filter(picture, _BLUR).ravel() for _, picture in pictures])
    changes = blurred - blurred.mean(axis=0)
    component = np.linalg.svd(changes, full_matrices=False)[2][0]
    return Curve(times_s=np.array([at_s for at_s, _ in pictures]), values=changes @ component)
