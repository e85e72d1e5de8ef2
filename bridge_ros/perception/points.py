"""Checks a point cloud at the door, and crops it to what the expert looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge_ros.errors import ObservationError

_FARTHEST_M = 20.0
_PROBES = 512


def check_points(points: ArrayLike) -> NDArray[np.float32]:
    """Check a cloud at the door; returns it as `(N, 3)` float32 [m]. NaN points are left in.

    Raises:
        ObservationError: if its shape is wrong, or its size says that it is not in metres.
    """
    cloud = np.asarray(points)
    if cloud.size == 0:
        return np.empty((0, 3), dtype=np.float32)
    if cloud.ndim != 2 or cloud.shape[1] != 3 or not np.issubdtype(cloud.dtype, np.floating):
        raise ObservationError(
            f"points: expected (N, 3) floating-point metres, got {cloud.shape} {cloud.dtype}"
        )
    probe = cloud[:: max(1, len(cloud) // _PROBES)]
    probe = probe[np.isfinite(probe).all(axis=1)]
    if len(probe) and float(np.median(np.abs(probe).max(axis=1))) > _FARTHEST_M:
        raise ObservationError(
            f"points: expected metres in the base frame, but half of them are farther than "
            f"{_FARTHEST_M:.0f} m from the origin; are they in millimetres?"
        )
    result: NDArray[np.float32] = cloud.astype(np.float32, copy=False)
    return result


def crop_ball(
    points: NDArray[np.float32], centre: ArrayLike, radius_m: float
) -> NDArray[np.float32]:
    """The points `(N, 3)` within a ball; those that are not finite are dropped."""
    x, y, z = (points[:, axis] - np.float32(c) for axis, c in enumerate(np.asarray(centre)))
    squared = x * x
    squared += y * y
    squared += z * z
    inside: NDArray[np.float32] = points[np.flatnonzero(squared <= radius_m * radius_m)]
    return inside
