"""A row on the table: where things go that are to stand side by side, left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.planner.grounding.scene import SeenScene
from bridge_ros.planner.grounding.seen_object import SeenObject
from bridge_ros.settings.ranges import Range, check_ranges

_IN_PLACE_M = np.array([0.020, 0.012])
"""Along and across the row; what stands nearer to its place stays."""
_MOVE_COST_M = 0.15
"""Carrying one thing less is worth this much more way."""
_GRID_M = 0.025
_BARE_RADIUS_M = 0.03
_BARE_HEIGHT_M = 0.012
_BARE_PIXELS = 60


@dataclass(frozen=True, kw_only=True)
class RowSettings:
    """How a row is laid out.

    Attributes:
        gap_m: between the sides of neighbours.
        reach_m: half of what the open gripper covers across the row.
        search_m: how far from the things' middle a row may be.
    """

    gap_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.032
    reach_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.075
    search_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.15

    def __post_init__(self) -> None:
        check_ranges(self)


def choose_row(
    scene: SeenScene, row: Sequence[SeenObject], settings: RowSettings
) -> list[FloatArray | None]:
    """Places `(2,)` in the table frame for things from left to right; None for those that stay.

    The row is level in the image. Of all rows whose free places are free of everything it is the
    one that takes the least carrying.

    Raises:
        PlanError: if there is no such row.
    """
    centers = np.array([seen.footprint.center for seen in row])
    along = _positions_along(row, settings.gap_m)
    best: tuple[float, list[FloatArray | None]] | None = None
    for origin in _origins(centers, along, settings):
        spots = origin + np.stack([along, np.zeros(len(row))], axis=1)
        stays: NDArray[np.bool_] = np.all(np.abs(centers - spots) < _IN_PLACE_M, axis=1)
        carried_m = np.linalg.norm(centers - spots, axis=1)[~stays]
        cost = float(carried_m.sum()) + _MOVE_COST_M * len(carried_m)
        if best is not None and cost >= best[0]:
            continue
        staying = [seen for seen, stay in zip(row, stays, strict=True) if stay]
        if all(
            _is_free(scene, spot, seen, staying, settings)
            for seen, spot, stay in zip(row, spots, stays, strict=True)
            if not stay
        ):
            best = cost, [None if stay else spot for stay, spot in zip(stays, spots, strict=True)]
    if best is None:
        raise PlanError(f"no free place on the table for a row of {len(row)}")
    return best[1]


def _positions_along(row: Sequence[SeenObject], gap_m: float) -> FloatArray:
    """`(N,)` distance of each middle from the first one."""
    halves = np.array([seen.footprint.length_m for seen in row]) / 2
    steps = halves[:-1] + halves[1:] + gap_m
    return np.concatenate([[0.0], np.cumsum(steps)])


def _origins(centers: FloatArray, along: FloatArray, settings: RowSettings) -> Iterator[FloatArray]:
    """Where the first thing of a row may stand: so that one of them stays, or anywhere near."""
    for center, offset in zip(centers, along, strict=True):
        yield center - [offset, 0.0]
    middle = centers.mean(axis=0) - [along[-1] / 2, 0.0]
    steps = np.arange(-settings.search_m, settings.search_m + _GRID_M / 2, _GRID_M)
    for x in steps:
        for y in steps:
            yield middle + [x, y]


def _is_free(
    scene: SeenScene,
    spot: FloatArray,
    thing: SeenObject,
    staying: Sequence[SeenObject],
    settings: RowSettings,
) -> bool:
    """Whether the bare table is seen there, and nothing is in the way of the gripper."""
    for other in scene.objects:
        if other is thing or any(other is one for one in staying):
            continue
        radius_m = np.hypot(other.footprint.length_m, other.footprint.width_m) / 2
        aside_m, before_m = np.abs(other.footprint.center - spot)
        room_m = radius_m + thing.footprint.length_m / 2 + settings.gap_m / 2
        if aside_m < room_m and before_m < radius_m + settings.reach_m:
            return False
    near = scene.known & (np.linalg.norm(scene.cloud[..., :2] - spot, axis=-1) < _BARE_RADIUS_M)
    points = scene.cloud[near]
    own = thing.footprint.contains(points[:, :2], 1.3)
    bare = points[~own, 2] < _BARE_HEIGHT_M
    return len(points) >= _BARE_PIXELS and int((~bare).sum()) <= _BARE_PIXELS // 6
