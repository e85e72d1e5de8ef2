"""Waypoints as arrays, checked one by one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray, as_pose
from bridge_ros.status import TrajectoryReason


def as_waypoints(value: ArrayLike, *, or_poses: bool = False) -> FloatArray:
    """Check waypoints and return them as a new array `(N, 3)` of finite numbers [m].

    Args:
        or_poses: whether poses `(N, 7)` are fine, too; their quaternions must be of norm 1 ± 0.01.

    Raises:
        PlanError: naming the waypoint, and what was expected.
    """
    columns = (3, 7) if or_poses else (3,)
    expected = " or ".join(f"(N, {count})" for count in columns)
    try:
        points = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise PlanError(f"waypoints: expected numbers, {expected}: {error}") from error
    if points.size == 0:
        raise PlanError(TrajectoryReason.NO_WAYPOINTS.because())
    if points.ndim != 2 or points.shape[1] not in columns:
        raise PlanError(f"waypoints: expected {expected}, got shape {points.shape}")
    for number, point in enumerate(points, start=1):
        name = f"waypoint {number} of {len(points)}"
        if not np.isfinite(point).all():
            raise PlanError(f"{name} is not finite: got {point.tolist()}")
        if len(point) == 7:
            as_pose(point, name=name, error=PlanError)
    return points
