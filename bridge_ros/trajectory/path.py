"""The geometry of a trajectory: a B-spline through the waypoints, orientations slerped along it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline
from scipy.spatial.transform import Rotation, Slerp

from bridge_ros.geometry.poses import FloatArray

_SPACING_M = 0.002
_FIRST_SUPPORT_M = 0.05
_MAX_DEVIATION_M = 0.004
_SINGLE_SEGMENT_TURN = 0.8


@dataclass(frozen=True, kw_only=True)
class Path:
    """A dense path without timing.

    Attributes:
        positions: `(M, 3)` base frame [m], M >= 2.
        rotations: M orientations.
    """

    positions: FloatArray
    rotations: Rotation


def spline_path(points: FloatArray, keys: list[tuple[int, Rotation]]) -> Path:
    """A cubic B-spline through `points`, turning smoothly from key to key.

    The spline interpolates the waypoints and support points on the straight lines between them.
    Supports are added until the spline stays within 4 mm of the polyline, so that it can neither
    swing out nor dip below its waypoints by more than that (paper, section 3.1: B-spline).

    Args:
        points: `(N, 3)` start and waypoints [m], N >= 2; neighbours differ.
        keys: (index into `points`, orientation there), first at 0; the last one is kept to the end.
            A key at the last of two points is reached after 80 % of the way.
    """
    support_m = _FIRST_SUPPORT_M
    while True:
        spline, knots_at = _interpolate(points, support_m)
        length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
        count = max(50, int(np.ceil(length / _SPACING_M)))
        parameters = np.unique(np.concatenate([np.linspace(0.0, 1.0, count), knots_at]))
        positions = spline(parameters)
        if _deviation(positions, points) <= _MAX_DEVIATION_M:
            break
        support_m /= 2
    return Path(positions=positions, rotations=_turn(parameters, knots_at, keys))


def turn_in_place(position: FloatArray, start: Rotation, end: Rotation) -> Path:
    """A path that only turns, or does not move at all."""
    fractions = np.linspace(0.0, 1.0, 50)
    rotations = Slerp([0.0, 1.0], Rotation.concatenate([start, end]))(fractions)
    return Path(positions=np.tile(position, (len(fractions), 1)), rotations=rotations)


def _interpolate(points: FloatArray, support_m: float) -> tuple[BSpline, FloatArray]:
    """The spline over 0..1 and the parameters at which it passes through `points`."""
    dense: list[FloatArray] = [points[0]]
    corners = [0]
    for start, end in itertools.pairwise(points):
        pieces = max(3, int(np.ceil(np.linalg.norm(end - start) / support_m)))
        dense += [start + (end - start) * i / pieces for i in range(1, pieces + 1)]
        corners.append(len(dense) - 1)
    through = np.array(dense)
    chords = np.linalg.norm(np.diff(through, axis=0), axis=1)
    parameters = np.concatenate([[0.0], np.cumsum(chords)]) / chords.sum()
    return make_interp_spline(parameters, through, k=3), parameters[corners]


def _deviation(positions: FloatArray, points: FloatArray) -> float:
    """The greatest distance [m] of `positions` from the polyline through `points`."""
    starts, spans = points[:-1], np.diff(points, axis=0)
    offsets = positions[:, None] - starts
    along = np.clip((offsets * spans).sum(-1) / (spans * spans).sum(-1), 0.0, 1.0)
    return float(np.linalg.norm(offsets - along[..., None] * spans, axis=-1).min(axis=1).max())


def _turn(parameters: FloatArray, at: FloatArray, keys: list[tuple[int, Rotation]]) -> Rotation:
    """Orientations at `parameters`: slerp between keys, with zero turning rate at each key."""
    last = len(at) - 1
    times = [_SINGLE_SEGMENT_TURN if last == 1 and i == 1 else float(at[i]) for i, _ in keys]
    if len(keys) == 1:
        return Rotation.concatenate([keys[0][1]] * len(parameters))
    index = np.clip(np.searchsorted(times, parameters, side="right") - 1, 0, len(times) - 2)
    begin, end = np.array(times)[index], np.array(times)[index + 1]
    fraction = np.clip((parameters - begin) / (end - begin), 0.0, 1.0)
    eased = fraction**3 * (10.0 - 15.0 * fraction + 6.0 * fraction**2)
    slerp = Slerp(np.arange(len(keys)), Rotation.concatenate([rotation for _, rotation in keys]))
    # Rounding may carry the easing a hair beyond 1, which Slerp refuses.
    return slerp(np.clip(index + eased, 0.0, len(keys) - 1.0))
