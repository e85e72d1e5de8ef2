"""Judges a task by the simulator's own truth: whether an object really was lifted or placed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.language.instructions import (
    Command,
    Instruction,
    ObjectQuery,
    Opening,
    Ranking,
    Stacking,
)
from bridge_ros.language.parser import read_instruction
from bridge_ros.sim.objects.sim_object import SimObject

_LIFTED_M = 0.05
_HELD_S = 1.0
_ON_HEIGHT_TOLERANCE_M = 0.012
_NEXT_TO_M = 0.12
"""Between the middles of small things, whose corners are no further out than the next."""
_CORNER_M = 0.035
_ON_TABLE_TOLERANCE_M = 0.010
_UPRIGHT_COS = 0.9
_WIDEST_GAP_M = 0.15
_ROW_WIDTH_M = 0.05
_DRAWN_M = 0.08


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a task is done, and what was measured, for people."""

    success: bool
    message: str


def judge(
    instruction: Instruction,
    before: Mapping[str, FloatArray],
    after: Mapping[str, FloatArray],
    objects: Sequence[SimObject],
) -> Verdict:
    """Compare where things are with where they were; whether it lasts is the caller's to see.

    Args:
        instruction: what was asked for.
        before: pose `(7,)` in base of every object, and of the furniture's handles, when the task
            began, by name.
        after: the same now.
        objects: what the scene consists of, e.g. `make_scene(name, seed).objects`.
    """
    if isinstance(instruction, Stacking):
        return _stacked(_ranked(instruction.shape, objects)[::-1], after)
    if isinstance(instruction, Ranking):
        return _in_row(_row_of(instruction, objects), after)
    if isinstance(instruction, Opening):
        return _opened(before, after, objects)
    return _moved(instruction, before, after, objects)


def judge_held(
    sentence: str,
    things: Sequence[SimObject],
    before: Mapping[str, FloatArray],
    poses: Callable[[], Mapping[str, FloatArray]],
) -> Verdict:
    """The verdict on a sentence in a live simulation, which must hold for a second.

    Args:
        poses: where things are now, whenever it is asked.
    """
    try:
        instruction = read_instruction(sentence)
    except PlanError as error:
        return Verdict(success=False, message=str(error))
    deadline = time.monotonic() + _HELD_S
    while True:
        verdict = judge(instruction, before, poses(), things)
        if not verdict.success or time.monotonic() > deadline:
            return verdict
        time.sleep(0.1)


def _moved(
    command: Command,
    before: Mapping[str, FloatArray],
    after: Mapping[str, FloatArray],
    objects: Sequence[SimObject],
) -> Verdict:
    target = _matching(command.target, objects)
    if target is None:
        return Verdict(success=False, message=f"no single object of the scene is {command.target}")
    if command.verb == "pick":
        return _lifted(target, before, after)
    reference = _matching(command.reference or ObjectQuery(), objects)
    if reference is None or reference is target:
        return Verdict(
            success=False, message=f"no single object of the scene is {command.reference}"
        )
    test = {"in": _inside, "on": _on_top, "next to": _beside}[command.relation or "in"]
    return test(target, reference, after)


def _lifted(
    target: SimObject, before: Mapping[str, FloatArray], after: Mapping[str, FloatArray]
) -> Verdict:
    rise_m = float(after[target.name][2] - before[target.name][2])
    return Verdict(
        success=rise_m >= _LIFTED_M,
        message=f"{target.name} is {100 * rise_m:.1f} cm above where it lay "
        f"(expected {100 * _LIFTED_M:.0f})",
    )


def _inside(target: SimObject, basket: SimObject, after: Mapping[str, FloatArray]) -> Verdict:
    """The target's centre lies within the walls and below the rim, in the basket's own frame."""
    centre, half = _in_frame_of(basket, target, after), np.array(basket.size_m) / 2
    within = bool((np.abs(centre[:2]) < half[:2]).all())
    below_rim = bool(-half[2] < centre[2] < half[2])
    where = "within" if within else "outside"
    height = "below" if below_rim else "not below"
    return Verdict(
        success=within and below_rim,
        message=f"{target.name}'s centre is {where} the {basket.name}'s walls and {height} its rim",
    )


def _on_top(target: SimObject, support: SimObject, after: Mapping[str, FloatArray]) -> Verdict:
    above = after[target.name][:3] - after[support.name][:3]
    aside_m = float(np.linalg.norm(above[:2]))
    room_m = min(support.size_m[:2]) / 2
    expected_m = _half_height(target, after) + _half_height(support, after)
    off_m = float(above[2] - expected_m)
    return Verdict(
        success=aside_m < room_m and abs(off_m) < _ON_HEIGHT_TOLERANCE_M,
        message=f"{target.name} is {100 * aside_m:.1f} cm aside of the {support.name}'s middle and "
        f"{100 * off_m:+.1f} cm off the height of lying on it",
    )


def _beside(target: SimObject, other: SimObject, after: Mapping[str, FloatArray]) -> Verdict:
    apart_m = float(np.linalg.norm(after[target.name][:2] - after[other.name][:2]))
    # Out to the corner of what it stands beside.
    allowed_m = _NEXT_TO_M + max(0.0, float(np.linalg.norm(other.size_m[:2])) / 2 - _CORNER_M)
    height_m = float(after[target.name][2]) - _half_height(target, after)
    on_table = abs(height_m) < _ON_TABLE_TOLERANCE_M
    return Verdict(
        success=apart_m < allowed_m and on_table,
        message=f"{target.name} is {100 * apart_m:.1f} cm from the {other.name} and "
        f"{'stands on the table' if on_table else f'{100 * height_m:.1f} cm above the table'}",
    )


def _stacked(things: Sequence[SimObject], after: Mapping[str, FloatArray]) -> Verdict:
    """Each of them lies on, or in, the one before it."""
    if len(things) < 2:
        return Verdict(success=False, message="there is nothing to stack")
    test = _nested if things[0].shape == "cup" else _on_top
    verdicts = [test(upper, lower, after) for lower, upper in pairwise(things)]
    return Verdict(
        success=all(verdict.success for verdict in verdicts),
        message="; ".join(verdict.message for verdict in verdicts),
    )


def _nested(inner: SimObject, outer: SimObject, after: Mapping[str, FloatArray]) -> Verdict:
    """The inner cup's axis is within the outer's, its foot in the lower half of it."""
    offset = _in_frame_of(outer, inner, after)
    aside_m = float(np.linalg.norm(offset[:2]))
    foot_m = float(offset[2] + (outer.size_m[2] - inner.size_m[2]) / 2)
    return Verdict(
        success=aside_m < outer.size_m[0] / 4 and -0.01 < foot_m < outer.size_m[2] / 2,
        message=f"{inner.name}'s foot is {100 * foot_m:.1f} cm above the {outer.name}'s and "
        f"{100 * aside_m:.1f} cm aside",
    )


def _in_row(things: Sequence[SimObject], after: Mapping[str, FloatArray]) -> Verdict:
    """They lie on the table, beside each other, in order along y: from left to right as seen."""
    if len(things) < 2:
        return Verdict(success=False, message="there is nothing to rank")
    places = np.array([after[thing.name][:3] for thing in things])
    gaps = np.diff(places[:, 1])
    lifted = [places[i, 2] - _half_height(thing, after) for i, thing in enumerate(things)]
    order = sorted(things, key=lambda thing: float(after[thing.name][1]))
    return Verdict(
        success=bool(
            (gaps > 0.0).all()
            and (gaps < _WIDEST_GAP_M).all()
            and np.ptp(places[:, 0]) < _ROW_WIDTH_M
            and np.abs(lifted).max() < _ON_TABLE_TOLERANCE_M
        ),
        message="from left to right: " + ", ".join(thing.name for thing in order),
    )


def _opened(
    before: Mapping[str, FloatArray],
    after: Mapping[str, FloatArray],
    objects: Sequence[SimObject],
) -> Verdict:
    """The handle of the furniture was drawn out."""
    handles = set(after) - {thing.name for thing in objects}
    if len(handles) != 1:
        return Verdict(success=False, message="there is no single drawer in the scene")
    (name,) = handles
    drawn_m = float(np.linalg.norm(after[name][:3] - before[name][:3]))
    return Verdict(
        success=drawn_m >= _DRAWN_M,
        message=f"the {name} is open by {100 * drawn_m:.1f} cm (expected {100 * _DRAWN_M:.0f})",
    )


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


def _in_frame_of(
    reference: SimObject, target: SimObject, after: Mapping[str, FloatArray]
) -> FloatArray:
    pose = after[reference.name]
    offset = after[target.name][:3] - pose[:3]
    return np.asarray(Rotation.from_quat(pose[3:]).inv().apply(offset), dtype=np.float64)


def _half_height(thing: SimObject, after: Mapping[str, FloatArray]) -> float:
    """Half of what the object measures along the vertical, as it lies."""
    axes = Rotation.from_quat(after[thing.name][3:]).as_matrix()
    up = np.abs(axes[2])
    if up.max() > _UPRIGHT_COS:
        return float(thing.size_m[int(up.argmax())] / 2)
    return float(up @ np.array(thing.size_m) / 2)
