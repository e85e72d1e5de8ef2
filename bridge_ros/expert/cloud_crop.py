"""What the expert looks at of a cloud: the points around where the guidance leads, not too many."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.perception.points import crop_ball

ABSENT = 1e3
"""Coordinate of what fills up a cloud to a common size: far outside of every crop."""


def crop_cloud(
    points: NDArray[np.float32], centre: ArrayLike, config: ExpertConfig, *, seed: int = 0
) -> NDArray[np.float32]:
    """The points `(M, 3)` in the crop around `centre` [m], at most `config.point_count` of them.

    None at all where there are fewer than `config.min_points`. The same cloud and seed give the
    same points.
    """
    near = crop_ball(points, centre, config.crop_radius_m)
    if len(near) < config.min_points:
        return np.empty((0, 3), dtype=np.float32)
    if len(near) > config.point_count:
        rng = np.random.default_rng(seed)
        near = near[rng.choice(len(near), config.point_count, replace=False, shuffle=False)]
    return near


def fill_up(points: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Points `(M, 3)` as `(count, 3)`, so that clouds can be batched."""
    filled = np.full((count, 3), ABSENT, dtype=np.float32)
    filled[: len(points)] = points
    return filled
