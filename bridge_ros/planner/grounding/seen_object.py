"""One thing that is seen: what it is called, where it stands, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language import ObjectQuery
from bridge_ros.planner.grounding.colours import colour_shares
from bridge_ros.planner.grounding.footprint import Footprint, fit_footprint
from bridge_ros.planner.grounding.hiding import Hiding, find_hiding
from bridge_ros.planner.grounding.segments import Segment
from bridge_ros.planner.grounding.shapes import classify_shape
from bridge_ros.planner.grounding.split import Part
from bridge_ros.planner.grounding.table import Table

_TOP_PERCENT = 97.0
ROUNDED = ("toy", "ball")
"""Shapes that are widest somewhere below their top."""


@dataclass(frozen=True, kw_only=True)
class SeenObject:
    """One thing that stands on the table or on another thing; all in the table frame.

    Attributes:
        colour, shape: words of `lexicon.COLOURS` and `lexicon.SHAPES`.
        hiding: whether a good part of it is hidden.
        carries: the colours of what stands on it, in words; empty if nothing does.
        footprint: the oriented rectangle that it covers.
        base_m, top_m: heights of what it stands on and of its top above the table.
        pixel: `(2,)` u, v in its middle, to point at.
        pixel_count: how much of it is seen.
    """

    colour: str
    shape: str
    hiding: Hiding
    carries: str = ""
    footprint: Footprint
    base_m: float
    top_m: float
    pixel: tuple[float, float]
    pixel_count: int

    @property
    def name(self) -> str:
        """As a person would say it, without an article."""
        return f"{self.colour} {self.shape if self.certain else 'thing'}"

    @property
    def certain(self) -> bool:
        """Whether enough of it is seen to tell its shape.

        A flat square top is a cube's even in part; all other shapes are told by all of it, but a
        rim shows round what stands in it.
        """
        rimmed = self.shape in ("cup", "basket")
        return self.shape == "cube" or not (self.hiding.hidden or (self.carries and not rimmed))

    @property
    def size_m(self) -> float:
        """Mean of its length, width and height, to compare things by."""
        height_m = self.top_m - self.base_m
        return (self.footprint.length_m + self.footprint.width_m + height_m) / 3

    def fits(self, query: ObjectQuery) -> bool:
        """Whether colour and shape are those asked for."""
        return query.colour in (None, self.colour) and query.shape in (None, self.shape)

    def may_fit(self, query: ObjectQuery) -> bool:
        """Whether it is of the colour that is asked for, and its shape cannot be told.

        What only the robot hides is not meant: once it has moved, the shape can be told.
        """
        for_good = self.hiding.behind_thing or bool(self.carries)
        return not self.certain and for_good and query.colour == self.colour


@dataclass(frozen=True, kw_only=True)
class SceneView:
    """One frame, to measure things in; see SeenScene.

    Attributes:
        ground: `(H, W)` known pixels of no thing at all, neither of the robot.
        standing: `(H, W)` those of things.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    known: NDArray[np.bool_]
    cloud: FloatArray
    ground: NDArray[np.bool_]
    standing: NDArray[np.bool_]
    table: Table

    def measure(self, part: Part) -> SeenObject:
        """A thing from its pixels, from those of what covers its top, and from the ground's."""
        segment = part.segment
        covering = [one.points for one in part.carried]
        footprint = fit_footprint(np.concatenate([segment.points, *covering])[:, :2])
        window = (
            slice(segment.rows.min(), segment.rows.max() + 1),
            slice(segment.columns.min(), segment.columns.max() + 1),
        )
        # What lies in a basket does not make it less hollow, what stands on a thing does.
        floor = self.cloud[window][self.ground[window]]
        inside = np.concatenate([segment.points, *covering, floor])
        above_base = np.array([0.0, 0.0, part.base_m])
        shape = classify_shape(segment.points - above_base, footprint, inside - above_base)
        if shape in ROUNDED and not part.carried:
            footprint = _with_hidden_flank(footprint, float(np.linalg.norm(self.table.origin)))
        return SeenObject(
            colour=self._colour(segment),
            shape=shape,
            hiding=find_hiding(segment, self.depth_m, self.known, self.standing),
            carries=" and ".join(self._colour(one) for one in part.carried),
            footprint=footprint,
            base_m=part.base_m,
            top_m=float(np.percentile(segment.points[:, 2], _TOP_PERCENT)),
            pixel=(float(np.median(segment.columns)), float(np.median(segment.rows))),
            pixel_count=len(segment.rows),
        )

    def _colour(self, segment: Segment) -> str:
        return next(iter(colour_shares(self.rgb[segment.rows, segment.columns])))


def _with_hidden_flank(footprint: Footprint, camera_height_m: float) -> Footprint:
    """What is rounded hides its far flank, which a flat top would show.

    Of a circle's diameter 2r across, a camera at elevation e sees r (1 + sin e).
    """
    distance_m = float(np.linalg.norm(footprint.center))
    away = footprint.center / distance_m
    sine = camera_height_m / np.hypot(camera_height_m, distance_m)
    seen_m = 2.0 * footprint.reach_m(away)
    return footprint.widened(away, seen_m * (1.0 - sine) / (1.0 + sine))
