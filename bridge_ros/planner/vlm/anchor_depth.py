"""Depth at a pixel that a model pointed at, in an image with holes, noise and flying pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray

_RADIUS_PX = 12
_NEAREST = 25
_LEAST = 9


def depth_at(
    depth_m: NDArray[np.float32], pixel: FloatArray, *, min_depth_m: float, max_depth_m: float
) -> float:
    """Depth [m] at a pixel `(2,)` (u, v): the median of the nearest pixels that have one.

    The nearest ones, so that a hole is bridged from its rim; their median, so that it is a depth
    that was measured, and not one between an object and what lies behind it.

    Args:
        depth_m: `(H, W)` [m], 0 where unknown.
        min_depth_m, max_depth_m: depth outside counts as unknown.

    Raises:
        PlanError: if the pixel is outside the image, or too few around it have depth.
    """
    height, width = depth_m.shape
    u, v = (float(value) for value in pixel)
    if not (-0.5 <= u <= width - 0.5 and -0.5 <= v <= height - 0.5):
        raise PlanError(f"anchor: pixel ({u:.0f}, {v:.0f}) is outside the image {width}x{height}")
    column, row = min(max(round(u), 0), width - 1), min(max(round(v), 0), height - 1)
    top, left = max(0, row - _RADIUS_PX), max(0, column - _RADIUS_PX)
    patch = depth_m[top : row + _RADIUS_PX + 1, left : column + _RADIUS_PX + 1]
    rows, columns = np.indices(patch.shape)
    distance = np.hypot(rows + top - v, columns + left - u)
    usable = np.isfinite(patch) & (patch >= min_depth_m) & (patch <= max_depth_m)
    usable &= distance <= _RADIUS_PX
    if np.count_nonzero(usable) < _LEAST:
        raise PlanError(
            f"anchor: no depth from {min_depth_m} to {max_depth_m} m within {_RADIUS_PX} pixels "
            f"of ({column}, {row})"
        )
    nearest = np.argsort(distance[usable], kind="stable")[:_NEAREST]
    depths = np.sort(patch[usable][nearest])
    return float(depths[(len(depths) - 1) // 2])
