"""Samples the few points of a path that tell its shape (Ramer-Douglas-Peucker)."""

from __future__ import annotations

import numpy as np

from bridge_ros.geometry.poses import FloatArray


def path_points(path: FloatArray, *, tolerance_m: float, most: int) -> FloatArray:
    """Points `(N, 3)` of a path `(M, 3)`, its start left out and its end included.

    The polyline from the start through them stays within `tolerance_m` of the path, unless that
    took more than `most` points; then it is as near as so many allow. At least two are returned,
    the first of a straight path being its middle.
    """
    kept = [0, len(path) - 1]
    while len(kept) <= most:
        worst, where = tolerance_m, -1
        for first, last in zip(kept, kept[1:], strict=False):
            away = _away(path[first : last + 1])
            if away.size and away.max() > worst:
                worst, where = float(away.max()), first + int(away.argmax())
        if where < 0:
            break
        kept = sorted([*kept, where])
    points = path[kept[1:]]
    if len(points) < 2:
        points = np.array([(path[0] + path[-1]) / 2.0, path[-1]])
    return points


def _away(part: FloatArray) -> FloatArray:
    """Distance `(M,)` of each point of a part from the straight line between its ends."""
    start, along = part[0], part[-1] - part[0]
    length = float(along @ along)
    offset = part - start
    if length < 1e-12:
        return np.asarray(np.linalg.norm(offset, axis=1))
    share = np.clip(offset @ along / length, 0.0, 1.0)
    return np.asarray(np.linalg.norm(offset - share[:, None] * along, axis=1))
