"""Classes of shape: cube, ball, cylinder, cup, basket, or a toy where it is none of these."""

from __future__ import annotations

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.planner.grounding.footprint import Footprint

_CELLS = 10
"""The footprint is looked at in this many cells along each side."""
_MIDDLE = (slice(2, _CELLS - 2), slice(2, _CELLS - 2))
_CORNERS = np.ix_([0, 1, -2, -1], [0, 1, -2, -1])
_HOLLOW_SCALE = 0.66
_HOLLOW_SHARE = 0.6
_RIM_M = 0.010
"""Of a rim's height above the rest, at least, and of its unevenness, at most."""
_RIM_SECTORS = 12
_RIM_SEEN = 10
_RIM_BAND = (0.7, 1.3)
"""Where a rim lies, as shares of the mean radius."""
_OPEN_SHARE = 0.8
_BASKET_LENGTH_M = 0.105
"""A hollow thing that is longer is a basket, a shorter one a cup."""
_FLAT_M = 0.007
_FLAT_BOX_SHARE = 0.85
_FLAT_MIDDLE_SHARE = 0.9
_ROUND_ASPECT = 0.85


def classify_shape(points: FloatArray, footprint: Footprint, inside: FloatArray) -> str:
    """The class of a thing, a word of `lexicon.SHAPES`.

    Args:
        points: `(N, 3)` of the thing, height measured from what it stands on [m].
        footprint: of these points.
        inside: `(M, 3)` all points seen over the footprint, its floor or the table among them.
    """
    top_m = float(np.percentile(points[:, 2], 97))
    heights = _height_map(points, footprint)
    hollow = _hollow_share(inside, footprint, top_m) > _HOLLOW_SHARE
    if hollow or _has_rim(points, footprint, heights, top_m):
        return "basket" if footprint.length_m > _BASKET_LENGTH_M else "cup"
    flat = heights > top_m - _FLAT_M
    if flat.mean() > _FLAT_BOX_SHARE and flat[_CORNERS].mean() > _FLAT_BOX_SHARE:
        return "cube"
    slim = footprint.width_m / footprint.length_m
    if slim > _ROUND_ASPECT and flat[_MIDDLE].mean() > _FLAT_MIDDLE_SHARE:
        return "cylinder"
    if slim > _ROUND_ASPECT and abs(top_m / footprint.length_m - 1.0) < 1.0 - _ROUND_ASPECT:
        radius_m = footprint.length_m / 2
        residuals = np.linalg.norm(points - [*footprint.center, top_m - radius_m], axis=1)
        if float(np.median(np.abs(residuals - radius_m))) < 0.1 * radius_m:
            return "ball"
    return "toy"


def _hollow_share(inside: FloatArray, footprint: Footprint, top_m: float) -> float:
    """Of what is seen over the middle of the footprint, how much lies well below the rim."""
    middle = inside[footprint.contains(inside[:, :2], _HOLLOW_SCALE)]
    if len(middle) == 0:
        return 0.0
    return float(np.mean(middle[:, 2] < top_m - max(0.015, 0.4 * top_m)))


def _has_rim(points: FloatArray, footprint: Footprint, heights: FloatArray, top_m: float) -> bool:
    """Whether it is as high all round as nowhere in the middle, however deep and narrow it is."""
    offset = points[points[:, 2] > top_m - _RIM_M, :2] - footprint.center
    radius_m = (footprint.length_m + footprint.width_m) / 4
    distance = np.linalg.norm(offset, axis=1) / radius_m
    band = offset[(distance > _RIM_BAND[0]) & (distance < _RIM_BAND[1])]
    turns = np.arctan2(band[:, 1], band[:, 0]) / (2 * np.pi)
    sectors = len(np.unique(np.floor(turns * _RIM_SECTORS)))
    low = heights[_MIDDLE] < top_m - _RIM_M
    return sectors >= _RIM_SEEN and float(low.mean()) > _OPEN_SHARE


def _height_map(points: FloatArray, footprint: Footprint) -> FloatArray:
    """`(_CELLS, _CELLS)` greatest height in each cell of the footprint; -inf where unseen."""
    sides = np.array([footprint.length_m, footprint.width_m])
    cells = np.floor((footprint.to_local(points[:, :2]) / sides + 0.5) * _CELLS).astype(int)
    kept = ((cells >= 0) & (cells < _CELLS)).all(axis=1)
    heights = np.full((_CELLS, _CELLS), -np.inf)
    np.maximum.at(heights, (cells[kept, 0], cells[kept, 1]), points[kept, 2])
    return heights
