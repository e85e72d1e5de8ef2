"""Footprint: the oriented rectangle on the table that a thing covers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray

_TRIM_PERCENT = 1.0
_COARSE_STEP_RAD = np.deg2rad(3.0)
_FINE_STEP_RAD = np.deg2rad(0.5)


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """An oriented rectangle in the table frame.

    Attributes:
        center: `(2,)` [m].
        yaw_rad: direction of its longer side, from the table's x axis, in [-pi/2, pi/2).
        length_m, width_m: its sides, the longer one first.
    """

    center: FloatArray
    yaw_rad: float
    length_m: float
    width_m: float

    def to_local(self, xy: FloatArray) -> FloatArray:
        """Points `(…, 2)` of the table in its own axes, along length and width [m]."""
        return np.asarray((xy - self.center) @ _axes(self.yaw_rad))

    def contains(self, xy: FloatArray, scale: float = 1.0) -> NDArray[np.bool_]:
        """Which points `(…, 2)` lie in the rectangle scaled about its centre; boolean `(…)`."""
        limits = np.array([self.length_m, self.width_m]) * scale / 2
        return np.asarray((np.abs(self.to_local(xy)) <= limits).all(axis=-1))

    def widened(self, direction: FloatArray, extra_m: float) -> Footprint:
        """The same, reaching `extra_m` further on the side of a unit direction `(2,)` only."""
        along = np.abs(_axes(self.yaw_rad).T @ direction) * extra_m
        return Footprint(
            center=self.center + direction * extra_m / 2,
            yaw_rad=self.yaw_rad,
            length_m=self.length_m + float(along[0]),
            width_m=self.width_m + float(along[1]),
        )

    def reach_m(self, direction: FloatArray) -> float:
        """How far it extends from its centre along a unit direction `(2,)`."""
        along = np.abs(_axes(self.yaw_rad).T @ direction)
        return float(along @ [self.length_m, self.width_m]) / 2


def fit_footprint(xy: FloatArray) -> Footprint:
    """The rectangle of least area round points `(N, 2)`, a few stray ones left out.

    The camera sees the top and the near sides of what stands on a table: seen from above they
    cover all of a convex thing's footprint, so that what the camera does not see is not missing.
    """
    center = np.median(xy, axis=0)
    points = xy - center
    coarse = np.arange(0.0, np.pi / 2, _COARSE_STEP_RAD)
    best = float(coarse[np.argmin([_area(points, angle) for angle in coarse])])
    fine = best + np.arange(-_COARSE_STEP_RAD, _COARSE_STEP_RAD, _FINE_STEP_RAD)
    yaw = float(fine[np.argmin([_area(points, angle) for angle in fine])])
    low, high = _bounds(points, yaw)
    sides = high - low
    middle = center + _axes(yaw) @ ((low + high) / 2)
    if sides[0] < sides[1]:
        yaw += np.pi / 2
    return Footprint(
        center=middle,
        yaw_rad=wrap_half_turn(yaw),
        length_m=float(sides.max()),
        width_m=float(sides.min()),
    )


def wrap_half_turn(angle_rad: float) -> float:
    """The same direction of a line, in [-pi/2, pi/2)."""
    return float((angle_rad + np.pi / 2) % np.pi - np.pi / 2)


def _axes(yaw_rad: float) -> FloatArray:
    """Columns: unit vectors along length and width."""
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    return np.array([[cos, -sin], [sin, cos]])


def _bounds(points: FloatArray, yaw_rad: float) -> tuple[FloatArray, FloatArray]:
    low, high = np.percentile(
        points @ _axes(yaw_rad), [_TRIM_PERCENT, 100.0 - _TRIM_PERCENT], axis=0
    )
    return low, high


def _area(points: FloatArray, yaw_rad: float) -> float:
    low, high = _bounds(points, yaw_rad)
    return float(np.prod(high - low))
