"""How late the arm follows its targets, and how far off the stamps of the camera's pictures are.

The hand is led to and fro. Its measured position is compared with its targets, and with where the
pictures show it: the delay is what makes the two curves alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import BridgeError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, invert, transform_points

_SHORTEST_S, _LONGEST_S = -0.3, 0.6
_STEP_S = 0.001
_LEAST_SAMPLES = 20
_LEAST_LIKENESS = 0.95
_HALF_PATCH_PX = 45
_MARGIN_PX = 12


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
        likeness: correlation of the two then; 1 is the same but for scale and offset.
    """

    seconds: float
    likeness: float


@dataclass(frozen=True, kw_only=True)
class Motion:
    """What was heard while the hand was led to and fro; times are the messages' stamps [s].

    Attributes:
        targets, poses: of the tool centre point `(7,)`, base frame: wanted, and measured.
        pictures: grey `(H, W)` uint8.
    """

    targets: list[tuple[float, FloatArray]] = field(default_factory=list)
    poses: list[tuple[float, FloatArray]] = field(default_factory=list)
    pictures: list[tuple[float, NDArray[np.uint8]]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Latency:
    """The result, and the curves it is from; positions along the motion, scaled to be compared.

    Attributes:
        arm: from a target to the arm's being there.
        camera: how much later the pictures show the hand than the arm says it was there, by the
            stamps of both. Positive: pictures are stamped too late, or poses too early.
        wanted, measured, seen: the hand's position along its way [m, m, px].
    """

    arm: Delay
    camera: Delay
    wanted: Curve
    measured: Curve
    seen: Curve


def measure_latency(
    motion: Motion, intrinsics: Intrinsics, base_from_optical: FloatArray
) -> Latency:
    """Find both delays.

    Args:
        intrinsics, base_from_optical: of the camera; its pose `(7,)` may be a rough one.

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
    pixels = intrinsics.project(transform_points(invert(base_from_optical), poses))
    seen = _seen(motion.pictures, pose_s, pixels)
    return Latency(
        arm=_told("the arm's motion and its targets", wanted, measured),
        camera=_told("the hand in the pictures and the arm's motion", measured, seen),
        wanted=wanted,
        measured=measured,
        seen=seen,
    )


def delay_between(first: Curve, second: Curve) -> Delay:
    """How much later `second` does what `first` did, up or down."""
    delays_s = np.arange(_SHORTEST_S, _LONGEST_S, _STEP_S)
    likeness = np.array([abs(_correlation(first, second, delay_s)) for delay_s in delays_s])
    best = int(np.argmax(likeness))
    return Delay(seconds=float(delays_s[best]), likeness=float(likeness[best]))


def _told(what: str, first: Curve, second: Curve) -> Delay:
    delay = delay_between(first, second)
    if delay.likeness < _LEAST_LIKENESS:
        raise BridgeError(
            f"latency: {what} are not alike (correlation {delay.likeness:.2f}, expected "
            f"{_LEAST_LIKENESS}): does the arm move freely, in view of the camera, with nothing "
            "else moving there?"
        )
    return delay


def _correlation(first: Curve, second: Curve, delay_s: float) -> float:
    at_s = second.times_s - delay_s
    inside = (at_s >= first.times_s[0]) & (at_s <= first.times_s[-1])
    if np.count_nonzero(inside) < _LEAST_SAMPLES:
        return 0.0
    before = np.interp(at_s[inside], first.times_s, first.values)
    after = second.values[inside]
    if np.ptp(before) == 0.0 or np.ptp(after) == 0.0:
        return 0.0
    return float(np.corrcoef(before, after)[0, 1])


def _positions(heard: list[tuple[float, FloatArray]]) -> tuple[FloatArray, FloatArray]:
    return np.array([at_s for at_s, _ in heard]), np.array([pose[:3] for _, pose in heard])


def _seen(
    pictures: list[tuple[float, NDArray[np.uint8]]], pose_s: FloatArray, pixels: FloatArray
) -> Curve:
    """Where the pictures show the hand, along its way through them [px].

    What is around the hand in the first picture is looked for in all of them, as far around as the
    hand has moved.
    """
    first_s, first = pictures[0]
    centre = np.array([np.interp(first_s, pose_s, pixels[:, axis]) for axis in range(2)])
    reach = np.ceil(np.ptp(pixels, axis=0)) + _MARGIN_PX
    u, v = np.rint(centre).astype(int)
    half = _HALF_PATCH_PX
    patch = first[max(v - half, 0) : v + half, max(u - half, 0) : u + half]
    if min(patch.shape, default=0) < half:
        raise BridgeError(
            f"latency: the hand is at pixel {centre.round().tolist()} at first, outside the "
            "picture or at its edge; lead it to where the camera sees it"
        )
    left, top = np.maximum([u - half - reach[0], v - half - reach[1]], 0.0).astype(int)
    right, bottom = int(u + half + reach[0]), int(v + half + reach[1])
    found = np.array(
        [_best_match(picture[top:bottom, left:right], patch) for _, picture in pictures]
    )
    along = np.linalg.svd(found - found.mean(axis=0), full_matrices=False)[2][0]
    return Curve(times_s=np.array([at_s for at_s, _ in pictures]), values=found @ along)


def _best_match(image: NDArray[np.uint8], patch: NDArray[np.uint8]) -> FloatArray:
    """`(2,)` where a patch lies in an image [px], to a fraction of a pixel."""
    scores = np.asarray(cv2.matchTemplate(image, patch, cv2.TM_CCOEFF_NORMED), dtype=np.float64)
    v, u = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return np.array([_peak(scores[v], int(u)), _peak(scores[:, u], int(v))])


def _peak(scores: FloatArray, best: int) -> float:
    """Where the parabola through the best score and its neighbours has its top."""
    if not 0 < best < len(scores) - 1:
        return float(best)
    before, at, after = (float(score) for score in scores[best - 1 : best + 2])
    bend = before - 2.0 * at + after
    return best + (0.5 * (before - after) / bend if bend < 0.0 else 0.0)
