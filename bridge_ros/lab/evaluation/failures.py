"""Tells from what happened in an episode why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_ros.lab.evaluation.trial import Failure
from bridge_ros.plan import GripperAction
from bridge_ros.plan.stage_plan import StagePlan
from bridge_ros.status import StageOutcome, TaskReason, TaskState
from bridge_ros.task.executive import TaskExecutive

if TYPE_CHECKING:
    from bridge_ros.sim.privileged_state import PrivilegedState

_PLANNER_FAILED = (
    TaskReason.NO_PLAN,
    TaskReason.NOT_SEEN,
    TaskReason.PLANNER_SLOW,
    TaskReason.PLAN_UNUSABLE,
    TaskReason.PLAN_REFUSED,
    TaskReason.SCENE_CHANGED,
    TaskReason.TARGET_HIDDEN,
    TaskReason.TARGET_OUTSIDE_IMAGE,
)
"""A plan could not be made, no trajectory could be made of it, or it came too late."""


class FailureWatch:
    """Follows an episode with privileged eyes: what the fingers hold, and when they lose it."""

    def __init__(self, state: PrivilegedState, open_width_m: float) -> None:
        self._state = state
        self._half_open_m = open_width_m / 2
        self._carried: str | None = None
        self._still_held = False
        self._dropped = False
        self._missed = False
        self._blocked = False
        self._followed: set[tuple[GripperAction, tuple[str, ...]]] = set()
        self._wrong_thing = False

    def planned(self, plan: StagePlan, demonstrated: StagePlan) -> None:
        """A plan was made in a state in which another one would have been demonstrated.

        What counts is which things a plan is about. They are wrong ones, or not there, where
        nothing is held yet or where the right thing is carried elsewhere. What comes after a stage
        that was planned rightly and then not reached is not judged: there following went wrong.
        """
        named, wanted = self._present(plan.things), self._present(demonstrated.things)
        stage = demonstrated.gripper_action, demonstrated.things
        if not wanted or stage in self._followed:
            return
        if named == wanted:
            self._followed.add(stage)
        elif self._state.held is None or named[:1] == wanted[:1]:
            self._wrong_thing = True

    def stage_began(self) -> None:
        """A stage is about to be followed."""
        self._carried = self._state.held
        self._still_held = self._carried is not None

    def commanded(self, gripper_width: float) -> None:
        """A target was commanded; while it does not open the fingers, what they held stays held."""
        if self._carried is not None and gripper_width < self._half_open_m:
            self._still_held = self._state.held == self._carried

    def stage_ended(self, executive: TaskExecutive, outcome: StageOutcome) -> None:
        """A stage is over; the last stages decide what the failure is called."""
        plan = executive.plan
        self._missed = outcome is StageOutcome.MISSED
        self._blocked = outcome is StageOutcome.FAILED
        if plan is not None and plan.gripper_action is GripperAction.CLOSE:
            self._dropped = False
        elif self._carried is not None:
            self._dropped = not self._still_held

    def classify(self, executive: TaskExecutive, refused: int, fault: bool = False) -> Failure:
        """The kind of failure of an episode that was not a success.

        Args:
            refused: targets that the controller refused.
            fault: whether the arm stopped by its own reflex.
        """
        if executive.cause is not None and executive.cause.reason in _PLANNER_FAILED:
            return "planner"
        if fault:
            return "collision"
        if executive.state is TaskState.SUCCEEDED:
            if self._wrong_thing:
                return "wrong thing"
            return "dropped" if self._dropped else "misplaced"
        if refused:
            return "refused target"
        if self._missed:
            return "missed grasp"
        if self._blocked:
            return "blocked"
        return "timeout"

    def _present(self, things: tuple[str, ...]) -> list[str]:
        """The scene's objects among things, in their order; a planner may call them by more words.

        The only basket is "basket" to the scene, and a "brown basket" to whoever sees it.
        """
        found = [
            known.name
            for thing in things
            for known in self._state.objects
            if set(known.name.split()) <= set(thing.split())
        ]
        return list(dict.fromkeys(found))
