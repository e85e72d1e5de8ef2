"""What the planning loop wants done: events, in their order, for whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.plan import WaypointPlan
from bridge_ros.status import Cause, TaskOutcome, TaskReason, TaskState


@dataclass(frozen=True, kw_only=True)
class PlanReleased:
    """This plan is to be carried out from now on; where it is None, nothing is any more.

    Attributes:
        plan_id: comes back with what became of it.
        stamp_s: of the image that it was made from; without a plan, the present.
    """

    plan: WaypointPlan | None
    plan_id: str
    instruction: str
    stage: int
    stamp_s: float


@dataclass(frozen=True, kw_only=True)
class PlanShown:
    """A plan waits for approval and is to be shown to people; `stamp_s` is its image's."""

    plan: WaypointPlan
    stamp_s: float


@dataclass(frozen=True, kw_only=True)
class TaskChanged:
    """The task stands elsewhere than when this was last said; fields as in TaskStatus."""

    state: TaskState
    cause: Cause[TaskReason]
    instruction: str
    plan_id: str
    stage: int
    subgoal: str
    progress: float


@dataclass(frozen=True, kw_only=True)
class TaskEnded:
    """The task is over; `message` says why, for people."""

    outcome: TaskOutcome
    message: str


@dataclass(frozen=True, kw_only=True)
class PlannerBroke:
    """The planner raised what no planner should; `details` is the traceback."""

    details: str


Event = PlanReleased | PlanShown | TaskChanged | TaskEnded | PlannerBroke
