"""The handle of a cabinet: a thin bar that stands off one face of a large box on the table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.planner.grounding.footprint import Footprint, fit_footprint
from bridge_ros.planner.grounding.scene import SeenScene
from bridge_ros.planner.grounding.segments import Segment

_MIN_SIDE_M = 0.10
"""Of a cabinet's top."""
_MIN_HEIGHT_M = 0.06
_TOP_M = 0.006
_OFF_FACE_M = (0.018, 0.100)
"""How far from its face a handle's bar is looked for."""
_HANDLE_HEIGHT_SHARE = 0.35
"""Of the cabinet's height; what is lower in front of it stands on the table."""
_BAR_M = 0.018
"""Points that are no further behind the outermost ones are of the bar."""
_MIN_BAR_LENGTH_M = 0.03
_MIN_PIXELS = 40


@dataclass(frozen=True, kw_only=True)
class Handle:
    """A bar in front of a face; all in the table frame.

    Attributes:
        center: `(3,)` of the bar's upper side [m].
        normal: `(2,)` unit vector out of the face.
        reach_m: from the face to the bar's middle.
        thickness_m, length_m: of the bar, across and along the face.
        cabinet_top_m: height of the cabinet.
    """

    center: FloatArray
    normal: FloatArray
    reach_m: float
    thickness_m: float
    length_m: float
    cabinet_top_m: float


def find_handle(scene: SeenScene) -> Handle:
    """The handle that is seen best.

    Raises:
        PlanError: if no cabinet, or none with a handle, is seen.
    """
    cabinets = [box for thing in scene.things if (box := _as_cabinet(thing)) is not None]
    if not cabinets:
        raise PlanError(f'"drawer": no cabinet is in view; seen: {scene.describe()}')
    handles = [
        handle
        for footprint, top_m in cabinets
        for direction, half_m, across_m in _faces(footprint)
        if (handle := _on_face(scene, footprint, top_m, direction, half_m, across_m)) is not None
    ]
    if not handles:
        raise PlanError('"drawer": a cabinet is in view, but no handle stands off its sides')
    return max(handles, key=lambda handle: handle.length_m)


def _as_cabinet(thing: Segment) -> tuple[Footprint, float] | None:
    """The top's rectangle and height, where it is a large flat one."""
    heights = thing.points[:, 2]
    high = heights > np.percentile(heights, 97) - 2 * _TOP_M
    top_m = float(np.median(heights[high]))
    if top_m < _MIN_HEIGHT_M:
        return None
    footprint = fit_footprint(thing.points[np.abs(heights - top_m) < _TOP_M, :2])
    return (footprint, top_m) if footprint.width_m > _MIN_SIDE_M else None


def _faces(footprint: Footprint) -> Iterator[tuple[FloatArray, float, float]]:
    """Outward unit vector `(2,)`, distance from the middle, and half the width of each side."""
    cos, sin = np.cos(footprint.yaw_rad), np.sin(footprint.yaw_rad)
    half_length_m, half_width_m = footprint.length_m / 2, footprint.width_m / 2
    for side in (-1.0, 1.0):
        yield side * np.array([cos, sin]), half_length_m, half_width_m
        yield side * np.array([-sin, cos]), half_width_m, half_length_m


def _on_face(
    scene: SeenScene,
    footprint: Footprint,
    top_m: float,
    normal: FloatArray,
    half_m: float,
    across_m: float,
) -> Handle | None:
    """The bar in front of one face."""
    offset = scene.cloud[..., :2] - footprint.center
    off_m = offset @ normal - half_m
    side = np.array([-normal[1], normal[0]])
    along_m = offset @ side
    height_m = scene.cloud[..., 2]
    near = scene.known & (off_m > _OFF_FACE_M[0]) & (off_m < _OFF_FACE_M[1])
    near &= (np.abs(along_m) < across_m) & (height_m < top_m + _TOP_M)
    near &= height_m > _HANDLE_HEIGHT_SHARE * top_m
    if int(near.sum()) < _MIN_PIXELS:
        return None
    off_m, along_m, height_m = off_m[near], along_m[near], height_m[near]
    bar = off_m > np.percentile(off_m, 95) - _BAR_M
    inner_m, outer_m = np.percentile(off_m[bar], [5, 95])
    left_m, right_m = np.percentile(along_m[bar], [2, 98])
    if right_m - left_m < _MIN_BAR_LENGTH_M:
        return None
    reach_m = float(inner_m + outer_m) / 2
    middle = footprint.center + normal * (half_m + reach_m) + side * (left_m + right_m) / 2
    return Handle(
        center=np.array([*middle, np.percentile(height_m[bar], 80)]),
        normal=normal,
        reach_m=reach_m,
        thickness_m=float(outer_m - inner_m),
        length_m=float(right_m - left_m),
        cabinet_top_m=top_m,
    )
