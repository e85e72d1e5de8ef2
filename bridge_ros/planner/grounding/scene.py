"""What stands on the table in one frame, and which of it a query means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language import ObjectQuery
from bridge_ros.planner.grounding.colours import SHADES
from bridge_ros.planner.grounding.grounding_settings import GroundingSettings
from bridge_ros.planner.grounding.seen_object import SceneView, SeenObject
from bridge_ros.planner.grounding.segments import Segment, find_segments, floats
from bridge_ros.planner.grounding.split import split_by_colour
from bridge_ros.planner.grounding.table import Table, find_table
from bridge_ros.status import TaskReason

_MAX_LISTED = 8
_HANGING_HEIGHT_M = 0.10
_HANGING_GAP_M = 0.06


@dataclass(frozen=True, kw_only=True)
class SeenScene:
    """The table, what stands on it, and where else something is in the way.

    Attributes:
        table: found in this frame.
        objects: from left to right in the image.
        things: connected parts of the image that are not the robot; furniture is among them.
        cloud: `(H, W, 3)` organised, in the table frame [m].
        known: `(H, W)` where depth is known and in range.
    """

    table: Table
    objects: tuple[SeenObject, ...]
    things: tuple[Segment, ...]
    cloud: FloatArray
    known: NDArray[np.bool_]

    def describe(self) -> str:
        """E.g. "a red cube, two green cubes and a purple toy"."""
        return describe(self.objects)

    def find(self, query: ObjectQuery) -> SeenObject:
        """The one object that fits; who speaks is believed about a shape that cannot be told.

        Raises:
            PlanError: if there is none or more than one; says which word fits nothing.
        """
        fitting = self._fitting(query)
        if not fitting:
            raise PlanError(TaskReason.NOT_SEEN.because(absence=self._absence(query)))
        if len(fitting) == 1:
            return fitting[0]
        if query.size is not None:
            return _extreme(fitting, query)
        advice = "; say its colour too" if query.colour is None else "; say the larger or smaller"
        raise PlanError(f'"{query}" fits {len(fitting)} things: {describe(fitting)}{advice}')

    def _fitting(self, query: ObjectQuery) -> list[SeenObject]:
        fitting = [seen for seen in self.objects if seen.fits(query)]
        # What only seems to fit does not compete with what does.
        certain = [seen for seen in fitting if seen.certain]
        return (
            certain
            or fitting
            or [
                replace(seen, shape=query.shape or seen.shape)
                for seen in self.objects
                if seen.may_fit(query)
            ]
        )

    def _absence(self, query: ObjectQuery) -> str:
        if not self.objects:
            return f'"{query}": nothing stands on the table'
        words = {"colour": query.colour, "shape": query.shape}
        unseen = [
            f'"{word}"'
            for part, word in words.items()
            if word and all(getattr(seen, part) != word for seen in self.objects)
        ]
        if unseen:
            return f'"{query}": nothing is {" or ".join(unseen)}; seen: {self.describe()}'
        return f'"{query}": no such object; seen: {self.describe()}'


def see(
    rgb: NDArray[np.uint8],
    depth_m: NDArray[np.float32],
    intrinsics: Intrinsics,
    settings: GroundingSettings,
) -> SeenScene:
    """Find the table and the objects on it.

    Args:
        rgb: `(H, W, 3)` uint8. depth_m: `(H, W)` float32 [m], 0 where unknown.

    Raises:
        PlanError: if no table is seen.
    """
    camera_cloud = intrinsics.deproject_image(depth_m)
    table = find_table(camera_cloud, settings)
    cloud = table.to_table(camera_cloud)
    known = (depth_m > settings.min_depth_m) & (depth_m < settings.max_depth_m)
    segments = find_segments(cloud, known, rgb, settings)
    robot = [one for one in segments if _is_robot(one, settings)]
    things = [one for one in segments if not any(one is part for part in robot)]
    parts = [
        part
        for segment in things
        if not (_hangs_on(segment, robot) or floats(segment, cloud, known, settings))
        for part in split_by_colour(segment, rgb, settings.min_pixels)
    ]
    view = SceneView(
        rgb=rgb,
        depth_m=depth_m,
        known=known,
        cloud=cloud,
        ground=known & ~_mask(segments, known.shape),
        standing=_mask(things, known.shape),
        table=table,
    )
    objects = [view.measure(part) for part in parts]
    if robot:
        objects = [seen for seen in objects if not _may_be_robot(seen)]
    objects.sort(key=lambda seen: seen.pixel)
    return SeenScene(
        table=table, objects=tuple(objects), things=tuple(things), cloud=cloud, known=known
    )


def describe(objects: Iterable[SeenObject]) -> str:
    """Objects in words, with articles and numbers."""
    counts = Counter(seen.name for seen in objects)
    parts = [_counted(name, count) for name, count in counts.items()]
    if not parts:
        return "nothing"
    if len(parts) > _MAX_LISTED:
        parts = [*parts[:_MAX_LISTED], f"{len(parts) - _MAX_LISTED} more kinds"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _is_robot(segment: Segment, settings: GroundingSettings) -> bool:
    """Whether it is the robot, a wall or a person: too high, too wide, or cut off at the top."""
    high = float(np.percentile(segment.points[:, 2], 99.5)) > settings.max_height_m
    cut_off = int(segment.rows.min()) <= 1
    wide = bool((np.ptp(segment.points[:, :2], axis=0) > settings.max_extent_m).any())
    return high or cut_off or wide


def _may_be_robot(seen: SeenObject) -> bool:
    """Whether a thing is of a robot's colours and half hidden: its foot between its fingers is."""
    return seen.hiding.hidden and seen.colour in SHADES


def _hangs_on(segment: Segment, robot: list[Segment]) -> bool:
    """Whether a tall thing is a part of the robot that holes in the depth image cut off from it."""
    if not robot or float(segment.points[:, 2].max()) < _HANGING_HEIGHT_M:
        return False
    points = np.concatenate([part.points for part in robot])
    distances, _ = cKDTree(points[::4]).query(
        segment.points[::4], distance_upper_bound=_HANGING_GAP_M
    )
    return bool(np.isfinite(distances).any())


def _mask(segments: Iterable[Segment], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=bool)
    for segment in segments:
        mask[segment.rows, segment.columns] = True
    return mask


def _extreme(fitting: list[SeenObject], query: ObjectQuery) -> SeenObject:
    """The largest or smallest, if it is so by a margin that the eye can tell."""
    sizes = sorted(
        fitting,
        key=lambda seen: seen.footprint.length_m + seen.footprint.width_m,
        reverse=query.size == "large",
    )
    first, second = (s.footprint.length_m + s.footprint.width_m for s in sizes[:2])
    if abs(first - second) < 0.08 * max(first, second):
        raise PlanError(f'"{query}": {describe(fitting)} are too alike in size to tell')
    return sizes[0]


def _counted(name: str, count: int) -> str:
    if count == 1:
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
    return f"{count} {name}s"
