"""TrackedObject: one object of a task across several looks, also while the arm hides it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language import ObjectQuery
from bridge_ros.planner.grounding.scene import SeenScene
from bridge_ros.planner.grounding.seen_object import SeenObject

_SAME_PLACE_M = 0.03
_WHOLE_SHARE = 0.8
"""Of the pixels of the last good look; with less of it in view, its measures are not to be had."""
_ELSEWHERE_SHARE = 0.5
"""Of the pixels of the first look; with more of it in view elsewhere, it has moved."""


class TrackedObject:
    """One object that a task is about.

    Args:
        seen: as it was seen when the task began.
        query: what tells it from others, also later; must not ask for a size.
        scene: of the first look.

    Attributes:
        seen: as it was seen last, or as it was put down.
    """

    def __init__(self, seen: SeenObject, query: ObjectQuery, scene: SeenScene) -> None:
        self.seen = seen
        self._query = query
        self._told_by_colour = seen.hiding.hidden or bool(seen.carries)
        self._unique = sum(self._is_like(other) for other in scene.objects) == 1
        self._elsewhere_pixels = _ELSEWHERE_SHARE * seen.pixel_count

    def look(self, scene: SeenScene, *, disturbed: bool = False) -> SeenObject:
        """As it is now; as remembered where it is hidden, unless it is gone.

        Args:
            disturbed: whether something may have moved it since the last look.

        Raises:
            PlanError: if it is gone, and there is not exactly one such object elsewhere.
        """
        needed = 0.0 if disturbed else _WHOLE_SHARE * self.seen.pixel_count
        fitting = [seen for seen in scene.objects if self._is_like(seen)]
        near = [
            seen
            for seen in fitting
            if seen.pixel_count > needed and _distance_m(seen, self.seen) < _SAME_PLACE_M
        ]
        if near:
            self._take(min(near, key=lambda seen: _distance_m(seen, self.seen)))
        elif self._unique and [one.pixel_count > self._elsewhere_pixels for one in fitting] == [
            True
        ]:
            self._take(fitting[0])
        elif _is_gone(scene, self.seen):
            self._take(scene.find(self._query))
        return self.seen

    def put(self, center: FloatArray, base_m: float) -> None:
        """Remember that it was let go of over `center` `(2,)` at a height, table frame [m]."""
        seen = self.seen
        self.seen = replace(
            seen,
            footprint=replace(seen.footprint, center=np.array(center)),
            base_m=base_m,
            top_m=base_m + seen.top_m - seen.base_m,
            pixel_count=0,
        )

    def _is_like(self, seen: SeenObject) -> bool:
        return seen.fits(self._query) or (self._told_by_colour and seen.may_fit(self._query))

    def _take(self, seen: SeenObject) -> None:
        # What stands in or on another thing, or behind the hand, is hard to tell by its shape.
        first = self.seen
        self.seen = replace(seen, shape=first.shape, hiding=first.hiding, carries=first.carries)


def _distance_m(seen: SeenObject, other: SeenObject) -> float:
    return float(np.linalg.norm(seen.footprint.center - other.footprint.center))


def _is_gone(scene: SeenScene, remembered: SeenObject) -> bool:
    """Whether the bare table is seen where a thing stood; what is merely hidden is still there."""
    inside = scene.known & remembered.footprint.contains(scene.cloud[..., :2], 0.8)
    heights = scene.cloud[inside, 2]
    floor_m = remembered.base_m + 0.3 * (remembered.top_m - remembered.base_m)
    return len(heights) > 0.3 * remembered.pixel_count and bool(np.mean(heights < floor_m) > 0.8)
