"""From an instruction and the first look to goals: which thing goes where, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language import HOLLOW, ObjectQuery, PickPlace, Ranking, Relation, Stacking
from bridge_ros.planner.classical.row import RowSettings, choose_row
from bridge_ros.planner.classical.tracked_object import TrackedObject
from bridge_ros.planner.grounding.scene import SeenScene, describe
from bridge_ros.planner.grounding.seen_object import SeenObject

_ALIKE = 0.05
"""Sizes that differ by a smaller share cannot be told apart."""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One thing to pick up, or to bring somewhere.

    Attributes:
        target: what to take.
        relation, reference: where it goes: in, on or next to what.
        spot: `(2,)` where on the table it goes instead, table frame [m].
        words: where it goes, for people; empty where it goes nowhere.
        place: the names of the things by which they tell that.
    """

    target: TrackedObject
    relation: Relation | None = None
    reference: TrackedObject | None = None
    spot: FloatArray | None = None
    words: str = ""
    place: tuple[str, ...] = ()

    @property
    def base_m(self) -> float:
        """Height of what the target will stand on."""
        if self.reference is None or self.relation == "next to":
            return 0.0
        seen = self.reference.seen
        return seen.top_m if self.relation == "on" else seen.base_m

    @property
    def verb(self) -> Literal["pick", "place"]:
        """Whether it is only picked up."""
        return "place" if self.words else "pick"


def set_goals(
    instruction: PickPlace | Stacking | Ranking, scene: SeenScene, row: RowSettings
) -> tuple[Goal, ...]:
    """The goals of an instruction in what is seen.

    Raises:
        PlanError: if what it speaks of is not there, or cannot be told apart.
    """
    if isinstance(instruction, PickPlace):
        return (_pick_place(instruction, scene),)
    if isinstance(instruction, Stacking):
        return _stacking(instruction, scene)
    return _ranking(instruction, scene, row)


def _pick_place(wanted: PickPlace, scene: SeenScene) -> Goal:
    target = _bare(scene.find(wanted.target))
    thing = TrackedObject(target, _without_size(wanted.target, target), scene)
    if wanted.reference is None or wanted.relation is None:
        return Goal(target=thing)
    reference = scene.find(wanted.reference)
    if reference.pixel == target.pixel:
        raise PlanError(f'"{wanted.target}" and "{wanted.reference}" are the same object')
    if wanted.relation == "on":
        _bare(reference)
    return Goal(
        target=thing,
        relation=wanted.relation,
        reference=TrackedObject(reference, _without_size(wanted.reference, reference), scene),
        words=f"{wanted.relation} the {reference.name}",
        place=(reference.name,),
    )


def _stacking(stacking: Stacking, scene: SeenScene) -> tuple[Goal, ...]:
    fitting = _by_size(_all(scene, stacking.shape, str(stacking)))[::-1]
    things = [TrackedObject(seen, ObjectQuery(colour=seen.colour), scene) for seen in fitting]
    relation: Relation = "in" if stacking.shape in HOLLOW else "on"
    return tuple(
        Goal(
            target=upper,
            relation=relation,
            reference=lower,
            words=f"{relation} the {lower.seen.name}",
            place=(lower.seen.name,),
        )
        for lower, upper in zip(things, things[1:], strict=False)
    )


def _ranking(ranking: Ranking, scene: SeenScene, settings: RowSettings) -> tuple[Goal, ...]:
    if ranking.colours:
        queries = [ObjectQuery(colour=colour, shape=ranking.shape) for colour in ranking.colours]
        row = [_bare(scene.find(query)) for query in queries]
    else:
        row = _by_size(_all(scene, ranking.shape, str(ranking)))
        row = row if ranking.first == "small" else row[::-1]
    spots = choose_row(scene, row, settings)
    goals = tuple(
        Goal(
            target=TrackedObject(seen, ObjectQuery(colour=seen.colour, shape=seen.shape), scene),
            spot=spot,
            words=f"at place {number + 1} of the row",
        )
        for number, (seen, spot) in enumerate(zip(row, spots, strict=True))
        if spot is not None
    )
    if not goals:
        raise PlanError(f'"{ranking}": they are in that order already')
    return goals


def _all(scene: SeenScene, shape: str, wanted: str) -> list[SeenObject]:
    fitting = [seen for seen in scene.objects if seen.shape == shape]
    if len(fitting) < 2:
        raise PlanError(
            f'"{wanted}": expected two or more {shape}s that can be told apart; '
            f"seen: {scene.describe()}"
        )
    return fitting


def _bare(seen: SeenObject) -> SeenObject:
    """The same, if nothing stands on it; raises PlanError otherwise."""
    if seen.carries:
        raise PlanError(f"something {seen.carries} stands on the {seen.name}: move that first")
    return seen


def _by_size(fitting: list[SeenObject]) -> list[SeenObject]:
    """The smallest first."""
    ordered = sorted(fitting, key=lambda seen: seen.size_m)
    for smaller, larger in zip(ordered, ordered[1:], strict=False):
        if larger.size_m - smaller.size_m < _ALIKE * larger.size_m:
            raise PlanError(f"{describe([smaller, larger])} are too alike in size to tell")
    return ordered


def _without_size(query: ObjectQuery, seen: SeenObject) -> ObjectQuery:
    """The same, told by its colour where it was told by its size."""
    colour = query.colour or (seen.colour if query.size else None)
    return ObjectQuery(colour=colour, shape=query.shape)
