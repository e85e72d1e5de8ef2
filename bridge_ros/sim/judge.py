"""Judges a sentence in a live simulation by where its objects truly are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import position_of
from bridge_ros.language import (
    Instruction,
    ObjectQuery,
    Opening,
    PickPlace,
    Ranking,
    Stacking,
    read_instruction,
)
from bridge_ros.sim.objects.sim_object import SimObject
from bridge_ros.sim.success import (
    HELD_S,
    Poses,
    Verdict,
    beside,
    in_row,
    inside,
    lifted,
    on_top,
    opened,
    stacked,
)

_LOOK_PERIOD_S = 0.1
_RELATIONS = {"in": inside, "on": on_top, "next to": beside}


def judge(
    instruction: Instruction, before: Poses, after: Poses, objects: Sequence[SimObject]
) -> Verdict:
    """Compare where things are with where they were; whether it lasts is the caller's to see.

    Args:
        instruction: what was asked for.
        before: poses of the objects, and of the furniture's handles, when the task began.
        after: the same now.
        objects: what the scene consists of, e.g. `make_scene(name, seed).objects`.
    """
    if isinstance(instruction, Stacking):
        return stacked(_ranked(instruction.shape, objects)[::-1], after)
    if isinstance(instruction, Ranking):
        return in_row(_row_of(instruction, objects), after)
    if isinstance(instruction, Opening):
        return _opened(before, after, objects)
    return _moved(instruction, before, after, objects)


def judge_held(
    sentence: str, objects: Sequence[SimObject], before: Poses, poses: Callable[[], Poses]
) -> Verdict:
    """The verdict on a sentence in a live simulation, which must hold for `HELD_S`.

    Args:
        objects, before: see `judge`.
        poses: where things are now, whenever it is asked.
    """
    try:
        instruction = read_instruction(sentence)
    except PlanError as error:
        return Verdict(success=False, message=str(error))
    deadline = time.monotonic() + HELD_S
    while True:
        verdict = judge(instruction, before, poses(), objects)
        if not verdict.success or time.monotonic() > deadline:
            return verdict
        time.sleep(_LOOK_PERIOD_S)


def _moved(
    command: PickPlace, before: Poses, after: Poses, objects: Sequence[SimObject]
) -> Verdict:
    target = _matching(command.target, objects)
    if target is None:
        return Verdict(success=False, message=f"no single object of the scene is {command.target}")
    if command.verb == "pick":
        return lifted(target.name, float(after[target.name][2] - before[target.name][2]))
    reference = _matching(command.reference or ObjectQuery(), objects)
    if reference is None or reference is target:
        return Verdict(
            success=False, message=f"no single object of the scene is {command.reference}"
        )
    return _RELATIONS[command.relation or "in"](target, reference, after)


def _opened(before: Poses, after: Poses, objects: Sequence[SimObject]) -> Verdict:
    """How far the handle of the furniture was drawn out tells how far it is open."""
    handles = set(after) - {thing.name for thing in objects}
    if len(handles) != 1:
        return Verdict(success=False, message="there is no single drawer in the scene")
    (name,) = handles
    return opened(name, float(np.linalg.norm(position_of(after[name]) - position_of(before[name]))))


def _ranked(shape: str, objects: Sequence[SimObject]) -> list[SimObject]:
    """All things of a shape, from small to large."""
    things = [thing for thing in objects if thing.name.split()[-1] == shape]
    return sorted(things, key=lambda thing: float(np.prod(thing.size_m)))


def _row_of(ranking: Ranking, objects: Sequence[SimObject]) -> list[SimObject]:
    """The things of a row in the order that is asked for."""
    things = _ranked(ranking.shape, objects)
    if ranking.colours:
        by_colour = {thing.colour: thing for thing in things}
        return [by_colour[colour] for colour in ranking.colours if colour in by_colour]
    return things if ranking.first == "small" else things[::-1]


def _matching(query: ObjectQuery, objects: Sequence[SimObject]) -> SimObject | None:
    """The one object that a query means; None if there is none, or more than one."""
    found = [
        thing
        for thing in objects
        # The noun of its name, as ducks and elephants are all toys to a sentence.
        if query.colour in (None, thing.colour) and query.shape in (None, thing.name.split()[-1])
    ]
    if query.size is not None and found:
        found.sort(key=lambda thing: float(np.prod(thing.size_m)))
        return found[-1] if query.size == "large" else found[0]
    return found[0] if len(found) == 1 else None
