"""Where a held object goes: into, onto or beside another one, in the table frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language import HOLLOW, Relation
from bridge_ros.planner.grounding.footprint import wrap_half_turn
from bridge_ros.planner.grounding.scene import SeenScene
from bridge_ros.planner.grounding.seen_object import SeenObject
from bridge_ros.settings.ranges import Range, check_ranges

_DIRECTIONS = 16
_TABLE_SEEN_SHARE = 0.5
_FREE_HEIGHT_M = 0.012


@dataclass(frozen=True, kw_only=True)
class PlacingSettings:
    """Gaps to leave when something is put down.

    Attributes:
        stack_clearance_m: beneath an object when it is let go on another one.
        table_clearance_m: beneath an object when it is let go on the table.
        rim_clearance_m: how far above the rim it is let go into a container.
        nest_clearance_m: of the tool centre point above the rim when a cup is let go in another
            one: as deep as the fingers outside allow.
        gap_m: between two things that stand next to each other; a finger must fit in.
        fingers_along_m, fingers_across_m: how far from the tool centre point fingers reach that
            open wide to let go, along and across their opening.
    """

    stack_clearance_m: Annotated[float, Range(0.0, 0.2)] = 0.004
    table_clearance_m: Annotated[float, Range(0.0, 0.2)] = 0.004
    rim_clearance_m: Annotated[float, Range(0.0, 0.2)] = 0.012
    nest_clearance_m: Annotated[float, Range(0.0, 0.2)] = 0.014
    gap_m: Annotated[float, Range(0.0, 0.2)] = 0.040
    fingers_along_m: Annotated[float, Range(0.0, 0.2)] = 0.075
    fingers_across_m: Annotated[float, Range(0.0, 0.2)] = 0.017

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the gripper holds.

    Attributes:
        below_m: how far the object reaches below the tool centre point.
        radius_m: half its largest horizontal extent.
        yaw_rad: the gripper's turn about the table's normal, with which the object's sides align.
        taken_from: `(2,)` where it stood, table frame [m].
        shape: a word of `lexicon.SHAPES`; None where it is not known.
    """

    below_m: float
    radius_m: float
    yaw_rad: float
    taken_from: FloatArray
    shape: str | None = None


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where the tool centre point lets go, `(3,)` in the table frame [m], and its turn."""

    position: FloatArray
    yaw_rad: float


def choose_placement(
    scene: SeenScene,
    reference: SeenObject,
    relation: Relation,
    held: Held,
    settings: PlacingSettings,
) -> Placement:
    """Where to let go of what is held.

    Raises:
        PlanError: if the reference is no place for it.
    """
    if relation == "next to":
        spot = _free_spot(scene, reference, held, settings)
        height_m = held.below_m + settings.table_clearance_m
        return Placement(position=np.array([*spot, height_m]), yaw_rad=held.yaw_rad)
    hollow = reference.shape in HOLLOW
    if relation == "in" and not hollow:
        raise PlanError(f"nothing can be put in a {reference.name}: it is not hollow")
    if relation == "on" and (hollow or reference.shape in ("toy", "ball")):
        raise PlanError(f"nothing can be put on a {reference.name}: its top is not flat")
    clearance_m = settings.rim_clearance_m if hollow else settings.stack_clearance_m
    if reference.shape == "cup" and held.shape == "cup":
        if 2 * held.radius_m >= reference.footprint.width_m:
            raise PlanError(f"the cup does not fit into the {reference.name}: it is as wide")
        clearance_m = settings.nest_clearance_m - held.below_m
    yaw_rad = held.yaw_rad
    if not hollow:
        yaw_rad += _quarter_turn(reference.footprint.yaw_rad - held.yaw_rad)
    height_m = reference.top_m + clearance_m + held.below_m
    return Placement(position=np.array([*reference.footprint.center, height_m]), yaw_rad=yaw_rad)


def place_at(spot: FloatArray, held: Held, settings: PlacingSettings) -> Placement:
    """On the table at `spot` `(2,)`, the sides of what is held level with the image's."""
    height_m = held.below_m + settings.table_clearance_m
    return Placement(
        position=np.array([*spot, height_m]), yaw_rad=held.yaw_rad + _quarter_turn(-held.yaw_rad)
    )


def _quarter_turn(angle_rad: float) -> float:
    """The least turn that aligns two squares, in [-pi/4, pi/4)."""
    return wrap_half_turn(2.0 * angle_rad) / 2.0


def _free_spot(
    scene: SeenScene, reference: SeenObject, held: Held, settings: PlacingSettings
) -> FloatArray:
    """The free place `(2,)` beside the reference that is nearest to where the object came from."""
    angles = np.arange(_DIRECTIONS) * 2.0 * np.pi / _DIRECTIONS
    spots = []
    for direction in np.stack([np.cos(angles), np.sin(angles)], axis=1):
        distance_m = reference.footprint.reach_m(direction) + settings.gap_m + held.radius_m
        spots.append(reference.footprint.center + direction * distance_m)
    spots.sort(key=lambda spot: float(np.linalg.norm(spot - held.taken_from)))
    for spot in spots:
        if _is_free(scene, spot, held, settings):
            return np.asarray(spot)
    raise PlanError(f"no free place on the table next to the {reference.name}")


def _is_free(scene: SeenScene, spot: FloatArray, held: Held, settings: PlacingSettings) -> bool:
    """Whether the table is seen there, and nothing stands in the way of it or of the fingers."""
    offset = scene.cloud[..., :2] - spot
    reach_m = held.radius_m + settings.gap_m / 2
    near = scene.known & (np.einsum("ijk,ijk->ij", offset, offset) < reach_m**2)
    cos, sin = np.cos(held.yaw_rad), np.sin(held.yaw_rad)
    fingers = scene.known & (np.abs(offset @ [cos, sin]) < settings.fingers_along_m)
    fingers &= np.abs(offset @ [-sin, cos]) < settings.fingers_across_m
    points = scene.cloud[near | fingers]
    own = np.linalg.norm(points[:, :2] - held.taken_from, axis=1) < 1.2 * held.radius_m
    if (points[~own, 2] > _FREE_HEIGHT_M).sum() > 10:
        return False
    cells = np.unique(np.floor((scene.cloud[near][:, :2] - spot) / 0.01).astype(int), axis=0)
    return len(cells) > _TABLE_SEEN_SHARE * np.pi * (reach_m / 0.01) ** 2
