"""Which step of a task comes next, from what became of the earlier ones."""

from __future__ import annotations

from enum import Enum, auto
from typing import Literal

from bridge_ros.errors import PlanError
from bridge_ros.plan import GripperAction, StageRecord, WaypointPlan
from bridge_ros.status import StageOutcome

Kind = Literal["pick", "place", "pull"]
"""Of a goal: what follows once the fingers hold something."""


class Step(Enum):
    """A stage of the classical planner; each ends at one keypoint."""

    GRASP = auto()
    """Ends with the fingers closing on the object."""
    BACK_OFF = auto()
    """After a miss: up and open, so that the object can be seen again."""
    LIFT = auto()
    """Ends a pick."""
    PLACE = auto()
    """Ends with the fingers opening where the object goes."""
    PULL = auto()
    """Ends with the drawer open and its handle still in the fingers."""
    RETREAT = auto()
    """Ends a placement, or a pull."""


def next_step(kind: Kind, history: tuple[StageRecord, ...]) -> Step:
    """The step that follows.

    Raises:
        PlanError: after a failed stage, or when the task is done.
    """
    if not history:
        return Step.GRASP
    last = history[-1]
    if last.outcome == StageOutcome.MISSED:
        return Step.BACK_OFF
    if last.outcome == StageOutcome.FAILED:
        raise PlanError(f'"{last.plan.subgoal}" failed: there is no next step')
    if last.plan.final:
        raise PlanError(f'"{last.plan.subgoal}" was the last step: the task is done')
    if last.plan.gripper_action is GripperAction.CLOSE:
        return {"pick": Step.LIFT, "place": Step.PLACE, "pull": Step.PULL}[kind]
    if last.plan.gripper_action is GripperAction.KEEP:
        return Step.RETREAT if kind == "pull" else Step.GRASP
    missed = [record.outcome == StageOutcome.MISSED for record in history[-2:-1]]
    return Step.GRASP if any(missed) else Step.RETREAT


def goals_reached(history: tuple[StageRecord, ...]) -> int:
    """How often something that was grasped has been let go of again."""
    closed = [one for one in history if one.plan.gripper_action is not GripperAction.KEEP]
    return sum(
        after.plan.gripper_action is GripperAction.OPEN and before.outcome == StageOutcome.GRASPED
        for before, after in zip(closed, closed[1:], strict=False)
    )


def last_grasp(history: tuple[StageRecord, ...]) -> WaypointPlan:
    """The plan with which the object in the gripper was taken."""
    for record in reversed(history):
        if record.plan.gripper_action is GripperAction.CLOSE:
            return record.plan
    raise PlanError("nothing was grasped in this task: expected a grasp before placing")
