"""What counts as done: one test a relation, with all tolerances, for the evaluation and the demo.

The tests read poses alone. A task of the evaluation also asks what only the simulator knows, that
the fingers have let go; the live judge sees that a verdict lasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of, tilt
from bridge_ros.sim.objects.cups import FOOT_SHARE, WALL_M
from bridge_ros.sim.objects.sim_object import SimObject

HELD_S = 1.0
"""How long success must last."""

_LIFTED_M = 0.05
_OPEN_M = 0.08
_ON_HEIGHT_M = 0.008
"""Off the height at which the one lies on the other."""
_ON_TABLE_M = 0.006
"""Off the height at which a thing lies on the table."""
_BASKET_MARGIN_M = 0.006
"""Of a thing's middle to the outside of the basket's walls, its floor and its rim."""
_CUP_SUNK_SHARE = 0.4
"""Of the outer cup's height: how far above its foot the inner one's may be."""
_CUP_BELOW_M = 0.01
_CUP_TILT_RAD = 0.35
_ROW_GAP_M = 0.15
_ROW_WIDTH_M = 0.05
_NEXT_TO_M = 0.12
"""Between the middles of small things, whose corners are no further out than the next."""
_CORNER_M = 0.035

Poses = Mapping[str, FloatArray]
"""Pose `(7,)` in base of every object, by name."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether something is done, and what was measured, for people."""

    success: bool
    message: str


def lifted(name: str, rise_m: float) -> Verdict:
    """A thing is well above where it lay."""
    return Verdict(
        success=rise_m > _LIFTED_M,
        message=f"{name} is {100 * rise_m:.1f} cm above where it lay "
        f"(expected {100 * _LIFTED_M:.0f})",
    )


def opened(name: str, opening_m: float) -> Verdict:
    """A drawer is drawn out."""
    return Verdict(
        success=opening_m >= _OPEN_M,
        message=f"the {name} is open by {100 * opening_m:.1f} cm (expected {100 * _OPEN_M:.0f})",
    )


def inside(target: SimObject, basket: SimObject, poses: Poses) -> Verdict:
    """The target's middle is within the walls and below the rim, in the basket's own frame."""
    pose = poses[basket.name]
    offset = np.abs(
        rotation_of(pose).inv().apply(position_of(poses[target.name]) - position_of(pose))
    )
    room = np.array(basket.size_m) / 2 - _BASKET_MARGIN_M
    within, below_rim = bool((offset[:2] < room[:2]).all()), bool(offset[2] < room[2])
    where = "within" if within else "outside"
    height = "below" if below_rim else "not below"
    return Verdict(
        success=within and below_rim,
        message=f"{target.name}'s middle is {where} the {basket.name}'s walls and {height} its rim",
    )


def on_top(target: SimObject, support: SimObject, poses: Poses) -> Verdict:
    """The target lies on the support, its middle over it."""
    above = position_of(poses[target.name]) - position_of(poses[support.name])
    aside_m = float(np.linalg.norm(above[:2]))
    room_m = min(support.size_m[:2]) / 2
    off_m = float(above[2]) - (_half_height(target, poses) + _half_height(support, poses))
    return Verdict(
        success=aside_m < room_m and abs(off_m) < _ON_HEIGHT_M,
        message=f"{target.name} is {100 * aside_m:.1f} cm aside of the {support.name}'s middle and "
        f"{100 * off_m:+.1f} cm off the height of lying on it",
    )


def beside(target: SimObject, other: SimObject, poses: Poses) -> Verdict:
    """The target stands on the table near the other, out to whose corners it may be."""
    apart_m = float(np.linalg.norm(poses[target.name][:2] - poses[other.name][:2]))
    allowed_m = _NEXT_TO_M + max(0.0, float(np.linalg.norm(other.size_m[:2])) / 2 - _CORNER_M)
    stands = on_table(target, poses)
    height_m = float(poses[target.name][2]) - _half_height(target, poses)
    return Verdict(
        success=apart_m < allowed_m and stands,
        message=f"{target.name} is {100 * apart_m:.1f} cm from the {other.name} and "
        f"{'stands on the table' if stands else f'{100 * height_m:.1f} cm above the table'}",
    )


def nested(inner: SimObject, outer: SimObject, poses: Poses) -> Verdict:
    """The inner cup stands in the outer one, both upright."""
    offset = position_of(poses[inner.name]) - position_of(poses[outer.name])
    aside_m = float(np.linalg.norm(offset[:2]))
    room_m = outer.size_m[0] / 2 - WALL_M - FOOT_SHARE * inner.size_m[0] / 2
    foot_m = float(offset[2] - inner.size_m[2] / 2 + outer.size_m[2] / 2)
    tilt_rad = max(tilt(poses[inner.name]), tilt(poses[outer.name]))
    return Verdict(
        success=aside_m < room_m
        and foot_m < _CUP_SUNK_SHARE * outer.size_m[2]
        and float(offset[2]) > -_CUP_BELOW_M
        and tilt_rad < _CUP_TILT_RAD,
        message=f"{inner.name}'s foot is {100 * foot_m:.1f} cm above the {outer.name}'s and "
        f"{100 * aside_m:.1f} cm aside",
    )


def stacked(things: Sequence[SimObject], poses: Poses) -> Verdict:
    """Each of them lies on, or stands in, the one before it."""
    if len(things) < 2:
        return Verdict(success=False, message="there is nothing to stack")
    test = nested if things[0].shape == "cup" else on_top
    verdicts = [test(upper, lower, poses) for lower, upper in pairwise(things)]
    return Verdict(
        success=all(verdict.success for verdict in verdicts),
        message="; ".join(verdict.message for verdict in verdicts),
    )


def in_row(things: Sequence[SimObject], poses: Poses) -> Verdict:
    """They lie on the table, beside each other, in order along y: from left to right as seen."""
    if len(things) < 2:
        return Verdict(success=False, message="there is nothing to rank")
    places = np.array([position_of(poses[thing.name]) for thing in things])
    gaps = np.diff(places[:, 1])
    order = sorted(things, key=lambda thing: float(poses[thing.name][1]))
    return Verdict(
        success=bool(
            (gaps > 0.0).all()
            and (gaps < _ROW_GAP_M).all()
            and np.ptp(places[:, 0]) < _ROW_WIDTH_M
            and all(on_table(thing, poses) for thing in things)
        ),
        message="from left to right: " + ", ".join(thing.name for thing in order),
    )


def on_table(thing: SimObject, poses: Poses) -> bool:
    """Whether a thing lies on the table, on whichever side."""
    return abs(float(poses[thing.name][2]) - _half_height(thing, poses)) < _ON_TABLE_M


def _half_height(thing: SimObject, poses: Poses) -> float:
    """Half of what the thing measures along the axis of its frame that is nearest to vertical."""
    vertical = np.abs(rotation_of(poses[thing.name]).as_matrix()[2])
    return thing.size_m[int(vertical.argmax())] / 2
