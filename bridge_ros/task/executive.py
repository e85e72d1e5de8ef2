"""The task executive: carries one sentence through its stages, whoever thinks and whoever moves.

`PlanningLoop` feeds it, for the node and for the evaluator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from bridge_ros.plan import StageRecord, WaypointPlan
from bridge_ros.settings.ranges import Count, NotNegative, Range, check_ranges
from bridge_ros.status import (
    Cause,
    ControllerReason,
    ControllerState,
    Hindrance,
    StageOutcome,
    TaskOutcome,
    TaskReason,
    TaskState,
    hindrance,
)


@dataclass(frozen=True, kw_only=True)
class _Arm:
    """What the controller said last, and since when it has been in that state."""

    state: ControllerState
    reason: ControllerReason | None
    message: str
    since_s: float


@dataclass(frozen=True, kw_only=True)
class TaskSettings:
    """Limits of one task.

    Attributes:
        max_misses: grasps that may miss and be tried again.
        max_stages: a planner that never ends is stopped after this many.
        rest_timeout_s: how long the arm may take to come to rest before the first look.
        frame_timeout_s: how long to wait for a fresh camera frame.
        think_timeout_s: how long the planner may take for one stage.
        approval_timeout_s: how long a plan may wait for a person's approval.
        start_timeout_s: how long the arm may take to begin with a stage.
        stage_timeout_s: how long one stage may take to be carried out.
        hold_grace_s: a hold of the controller that is over sooner is forgiven, unless its reason
            ends a task at once (`status.hindrance`).
    """

    max_misses: Annotated[int, Range(0)] = 2
    max_stages: Count = 12
    rest_timeout_s: NotNegative = 10.0
    frame_timeout_s: NotNegative = 10.0
    think_timeout_s: NotNegative = 60.0
    approval_timeout_s: NotNegative = 300.0
    start_timeout_s: NotNegative = 8.0
    stage_timeout_s: NotNegative = 45.0
    hold_grace_s: NotNegative = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)


class TaskExecutive:
    """One task at a time. All times are seconds of one clock, that of the frames' stamps.

    Attributes:
        task_id: unique, of the present task.
        state, cause: where the task stands, and why; no cause before the first task.
        outcome: of the last task; None while none has ended.
        instruction, history: what the planner is asked with.
        plan, plan_id: of the stage being executed; empty otherwise.
        ticket: of the plan that is awaited; empty while none is.
        progress: 0 to 1, of that stage.
        look_after_s: a frame taken earlier does not show how the last stage ended.
    """

    def __init__(self, settings: TaskSettings | None = None) -> None:
        self._settings = settings or TaskSettings()
        self.state = TaskState.IDLE
        self.cause: Cause[TaskReason] | None = None
        self.outcome: TaskOutcome | None = None
        self.instruction = ""
        self.history: tuple[StageRecord, ...] = ()
        self.plan: WaypointPlan | None = None
        self.plan_id = ""
        self.progress = 0.0
        self.look_after_s = 0.0
        self.task_id = ""
        self._begun_s = 0.0
        self._misses = 0
        self._resting = False
        self.ticket = ""
        self._awaited: Literal["plan", "approval", "frame"] = "plan"
        self._since_s = 0.0
        self._camera = "none came"
        self._arm: _Arm | None = None
        self._moved = False

    @property
    def active(self) -> bool:
        """Whether a task is under way."""
        return self.state.busy

    @property
    def message(self) -> str:
        """Why the task stands where it does, for people."""
        return self.cause.message if self.cause else ""

    @property
    def stage(self) -> int:
        """0-based number of the present stage, or of the last one."""
        return len(self.history) - (self.state is TaskState.SUCCEEDED)

    @property
    def wants_plan(self) -> bool:
        """Whether the arm rests, and the planner should be asked as soon as there is a frame."""
        return self.state is TaskState.THINKING and self._resting and not self.ticket

    def begin(self, instruction: str, task_id: str, now_s: float) -> None:
        """Start a task; whatever ran before is forgotten. `task_id` must be unique."""
        self.instruction, self.task_id = instruction, task_id
        self.history, self._misses = (), 0
        self.look_after_s = self._begun_s = now_s
        self._resting = False
        self._think(TaskReason.WAITING_FOR_REST.because(), now_s)

    def rest(self, at_rest: bool, now_s: float) -> None:
        """Tell whether the arm is at rest; matters only before the first look."""
        if self.state is TaskState.THINKING and not self._resting and at_rest:
            self._resting = True
            self.look_after_s = now_s
            self._think(TaskReason.LOOKING.because(), now_s)

    def camera_trouble(self, message: str) -> None:
        """Tell why there is no usable frame."""
        self._camera = message

    def planning(self, now_s: float) -> str:
        """Tell that the planner is at work; an answer counts while `ticket` is this one's."""
        self._since_s = now_s
        self.cause = TaskReason.PLANNING.because()
        self._awaited = "plan"
        self.ticket = f"{self.task_id}-{self.stage}"
        return self.ticket

    def await_approval(self, plan: WaypointPlan, now_s: float) -> None:
        """Tell that a plan is there and waits for a person."""
        self._since_s = now_s
        self._awaited = "approval"
        self.cause = TaskReason.AWAITING_APPROVAL.because(subgoal=plan.subgoal)

    def await_frame(self, plan: WaypointPlan, now_s: float) -> None:
        """Tell that a plan is there and the scene is looked at once more."""
        self._since_s = now_s
        self._awaited = "frame"
        self._camera = "none came"
        self.cause = TaskReason.CHECKING_SCENE.because(subgoal=plan.subgoal)

    def accept(self, plan: WaypointPlan, now_s: float) -> None:
        """Begin to execute a plan that passed the checks."""
        self.state, self.plan = TaskState.EXECUTING, plan
        self.plan_id = f"{self.task_id}-{self.stage}"
        self.progress, self.cause = 0.0, TaskReason.CARRYING_OUT.because(subgoal=plan.subgoal)
        self.ticket, self._moved = "", False
        self._since_s = now_s

    def stage_progress(self, plan_id: str, progress: float) -> None:
        """Tell how far the present stage is."""
        if self.state is TaskState.EXECUTING and plan_id == self.plan_id:
            self.progress = min(1.0, max(0.0, progress))

    def plan_refused(self, plan_id: str, message: str) -> None:
        """Tell that no trajectory can be made of a plan; another's is ignored."""
        if self.state is TaskState.EXECUTING and plan_id == self.plan_id and self.plan is not None:
            self.fail(TaskReason.PLAN_REFUSED.because(subgoal=self.plan.subgoal, why=message))

    def stage_ended(self, plan_id: str, outcome: StageOutcome, message: str, now_s: float) -> None:
        """Tell what became of a stage, and why, for people; another's is ignored."""
        if self.state is not TaskState.EXECUTING or plan_id != self.plan_id or self.plan is None:
            return
        plan = self.plan
        missed = outcome is StageOutcome.MISSED
        if outcome is StageOutcome.FAILED:
            why = message or "it failed"
            self.fail(TaskReason.STAGE_FAILED.because(subgoal=plan.subgoal, why=why))
            return
        if missed:
            self._misses += 1
            if self._misses > self._settings.max_misses:
                details = f"; {message}" if message else ""
                self.fail(
                    TaskReason.MISSED.because(
                        subgoal=plan.subgoal, misses=self._misses, details=details
                    )
                )
                return
        self.history = (*self.history, StageRecord(plan=plan, outcome=outcome))
        if plan.final and not missed:
            self._end(TaskState.SUCCEEDED, TaskReason.DONE.because(instruction=self.instruction))
        elif self.stage >= self._settings.max_stages:
            self.fail(TaskReason.TOO_MANY_STAGES.because(stages=self.stage))
        else:
            self.look_after_s = now_s
            self._think(
                TaskReason.STAGE_ENDED.because(subgoal=plan.subgoal, outcome=outcome), now_s
            )

    def arm_state(
        self, state: ControllerState, reason: ControllerReason | None, message: str, now_s: float
    ) -> None:
        """Tell the controller's state, its reason if that is known, and its message for people."""
        since_s = self._arm.since_s if self._arm and self._arm.state is state else now_s
        self._arm = _Arm(state=state, reason=reason, message=message, since_s=since_s)
        self._moved = self._moved or state is ControllerState.ACTIVE

    def tick(self, now_s: float) -> None:
        """Enforce the time limits, and fail when the controller cannot go on."""
        if not self.active:
            return
        settings, waited_s = self._settings, now_s - self._since_s
        subgoal = self.plan.subgoal if self.plan else ""
        if trouble := self._arm_trouble(now_s):
            self.fail(trouble)
        elif self.state is TaskState.EXECUTING:
            if waited_s > settings.stage_timeout_s:
                self.fail(
                    TaskReason.STAGE_SLOW.because(subgoal=subgoal, limit_s=settings.stage_timeout_s)
                )
            elif self._arm and not self._moved and waited_s > settings.start_timeout_s:
                self.fail(
                    TaskReason.NO_TARGETS.because(subgoal=subgoal, limit_s=settings.start_timeout_s)
                )
        elif not self._resting:
            if waited_s > settings.rest_timeout_s:
                self.fail(TaskReason.NO_REST.because(limit_s=settings.rest_timeout_s))
        elif self.ticket and self._awaited == "approval":
            if waited_s > settings.approval_timeout_s:
                self.fail(TaskReason.NOT_APPROVED.because(limit_s=settings.approval_timeout_s))
        elif self.ticket and self._awaited == "plan":
            if waited_s > settings.think_timeout_s:
                self.fail(TaskReason.PLANNER_SLOW.because(limit_s=settings.think_timeout_s))
        elif waited_s > settings.frame_timeout_s:
            self.fail(
                TaskReason.NO_FRAME.because(limit_s=settings.frame_timeout_s, why=self._camera)
            )

    def fail(self, cause: Cause[TaskReason]) -> None:
        """End the task without success."""
        self._end(TaskState.FAILED, cause)

    def reject(self, cause: Cause[TaskReason]) -> None:
        """End the task because nobody should even try it."""
        self._end(TaskState.FAILED, cause)
        self.outcome = TaskOutcome.REJECTED

    def cancel(self, cause: Cause[TaskReason]) -> None:
        """End the task because someone wants it so."""
        self._end(TaskState.CANCELED, cause)

    def _think(self, cause: Cause[TaskReason], now_s: float) -> None:
        self.state, self.cause = TaskState.THINKING, cause
        self.plan, self.plan_id, self.progress = None, "", 0.0
        self.ticket = ""
        self._camera = "none came"
        self._since_s = now_s

    def _end(self, state: TaskState, cause: Cause[TaskReason]) -> None:
        if self.active:
            self.state, self.cause = state, cause
            self.outcome = TaskOutcome(state.value)
            self.ticket = ""

    def _arm_trouble(self, now_s: float) -> Cause[TaskReason] | None:
        """Why the controller does not let the task go on; None if it does."""
        arm = self._arm
        if arm is None:
            return None
        found = hindrance(arm.state, arm.reason)
        if found is Hindrance.NONE:
            return None
        if found is Hindrance.BARRED:
            return TaskReason.ARM_BARRED.because(state=arm.state, why=arm.message)
        lost = found is Hindrance.LOSS and arm.since_s > self._begun_s
        if lost or now_s - arm.since_s >= self._settings.hold_grace_s:
            return TaskReason.ARM_HOLDS.because(why=arm.message)
        return None
