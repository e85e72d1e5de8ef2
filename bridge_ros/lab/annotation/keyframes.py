"""Stages of an episode: they end at keyframes, where the gripper's state changes (section 3.1)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge_ros.demonstration import HandMotion, RecordedPlan
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray, position_of
from bridge_ros.plan import GripperAction
from bridge_ros.status import StageOutcome


@dataclass(frozen=True, kw_only=True)
class KeyframeSettings:
    """What counts as a change of the gripper's state.

    Attributes:
        change_m: of the width, at least.
        rate_m_s: of a width that changes.
        rest_m_s: the arm stands still below this speed: fingers that move with the arm only
            prepare for what comes.
        pause_s: a change with a shorter pause in it is one change.
        grasp_width_m: closed fingers wider apart than this hold something.
        motion_m: less of it after the last change is no stage.
    """

    change_m: float = 0.004
    rate_m_s: float = 0.004
    rest_m_s: float = 0.03
    pause_s: float = 0.3
    grasp_width_m: float = 0.004
    motion_m: float = 0.01

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0.0 < value < 10.0:
                raise ConfigError(f"keyframes.{name}: expected 0 to 10, got {value}")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Samples of an episode's motion that belong to one stage.

    Attributes:
        start: the first sample. keyframe: the one at which the keypoint is reached and the gripper
            begins to change. end: the one at which it has changed; the next stage starts there.
        action: what the gripper does at the keyframe.
        outcome: as the running system would call it.
        final: whether the episode ends with it.
    """

    start: int
    keyframe: int
    end: int
    action: GripperAction
    outcome: StageOutcome
    final: bool


def find_stages(
    motion: HandMotion,
    settings: KeyframeSettings | None = None,
    *,
    plans: Sequence[RecordedPlan] = (),
) -> tuple[Stage, ...]:
    """The stages of a motion, in order; the last one may end without the gripper changing.

    Args:
        plans: if there are any, they tell which changes end a stage: of those under one plan, the
            last one that is what the plan asks for. The others prepare for it.
    """
    s = settings or KeyframeSettings()
    times, widths = motion.times_s, motion.widths_m
    stages: list[Stage] = []
    start = 0
    changes = _changes(motion, s)
    for first, last in _planned(motion, changes, plans) if plans else changes:
        closing = widths[last] < widths[first]
        outcome = StageOutcome.REACHED
        if closing:
            held = widths[last] > s.grasp_width_m
            outcome = StageOutcome.GRASPED if held else StageOutcome.MISSED
        stages.append(
            Stage(
                start=start,
                keyframe=first,
                end=last,
                action=GripperAction.CLOSE if closing else GripperAction.OPEN,
                outcome=outcome,
                final=False,
            )
        )
        start = last
    end = len(times) - 1
    if _path_length(position_of(motion.ee_poses[start:])) > s.motion_m:
        stages.append(
            Stage(
                start=start,
                keyframe=end,
                end=end,
                action=GripperAction.KEEP,
                outcome=StageOutcome.REACHED,
                final=True,
            )
        )
    elif stages:
        last_stage = stages.pop()
        stages.append(Stage(**{**vars(last_stage), "final": True}))
    return tuple(stages)


def _changes(motion: HandMotion, s: KeyframeSettings) -> list[tuple[int, int]]:
    """First and last sample of every change of the gripper's state while the arm stands still."""
    times, widths = motion.times_s, motion.widths_m
    steps_s = np.diff(times)
    rates = np.diff(widths) / steps_s
    speeds = np.linalg.norm(np.diff(position_of(motion.ee_poses), axis=0), axis=1) / steps_s
    runs: list[list[int]] = []
    for i in np.flatnonzero((np.abs(rates) > s.rate_m_s) & (speeds < s.rest_m_s)):
        one_more = (
            bool(runs)
            and times[i] - times[runs[-1][1]] <= s.pause_s
            and np.sign(rates[i]) == np.sign(rates[runs[-1][1] - 1])
        )
        if one_more:
            runs[-1][1] = int(i) + 1
        else:
            runs.append([int(i), int(i) + 1])
    return [
        (first, last) for first, last in runs if abs(widths[last] - widths[first]) >= s.change_m
    ]


def _planned(
    motion: HandMotion, changes: Sequence[tuple[int, int]], plans: Sequence[RecordedPlan]
) -> list[tuple[int, int]]:
    """Of the changes under each plan, the last one of its gripper's action."""
    chosen: dict[int, tuple[int, int]] = {}
    begins_s = [plan.time_s for plan in plans]
    for first, last in changes:
        number = bisect_right(begins_s, motion.times_s[first]) - 1
        closes = motion.widths_m[last] < motion.widths_m[first]
        action = GripperAction.CLOSE if closes else GripperAction.OPEN
        if number >= 0 and plans[number].plan.gripper_action is action:
            chosen[number] = first, last
    return list(chosen.values())


def _path_length(points: FloatArray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
