"""The task executive: carries one sentence through its stages, whoever thinks and whoever moves.

It knows no ROS and reads no clock, so that the node and the evaluator run the very same logic::

    executive.begin(sentence, task_id, now_s)
    while executive.active:
        if executive.wants_plan:
            executive.planning(now_s)
            plan = planner.plan(rgb, depth, intrinsics, executive.instruction, executive.history)
            executive.accept(plan, now_s)              # or executive.fail(message)
        ...                                            # move, and tell how it ended:
        executive.stage_ended(executive.plan_id, "grasped", "", now_s)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge_ros.errors import ConfigError
from bridge_ros.plan.waypoint_plan import StageRecord, WaypointPlan

TaskState = Literal["idle", "thinking", "executing", "succeeded", "failed", "canceled"]

NO_TARGET = "no target"
"""How the controller's message begins while it holds only for want of targets."""

NODE_ENDED = "which has ended"
"""What it has in it while a node is missing whose process has ended."""

_BARRED = ("disconnected", "recovering", "fault", "stopped")


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
        hold_grace_s: a hold of the controller that is over sooner is forgiven, unless it is for a
            node that has ended in mid-task: what that knew of the task is gone when it is back.
    """

    max_misses: int = 2
    max_stages: int = 12
    rest_timeout_s: float = 10.0
    frame_timeout_s: float = 10.0
    think_timeout_s: float = 60.0
    approval_timeout_s: float = 300.0
    start_timeout_s: float = 8.0
    stage_timeout_s: float = 45.0
    hold_grace_s: float = 1.0

    def __post_init__(self) -> None:
        if self.max_misses < 0 or self.max_stages < 1:
            raise ConfigError(
                "task: expected max_misses >= 0 and max_stages >= 1, "
                f"got {self.max_misses} and {self.max_stages}"
            )
        for name, value in vars(self).items():
            if name.endswith("_s") and not value >= 0:
                raise ConfigError(f"task.{name}: expected seconds, got {value}")


class TaskExecutive:
    """One task at a time. All times are seconds of one clock, that of the frames' stamps.

    Attributes:
        task_id: unique, of the present task.
        state, message: where the task stands, and why, for people.
        outcome: of the last task, as in ExecuteInstruction.action.
        instruction, history: what the planner is asked with.
        plan, plan_id: of the stage being executed; empty otherwise.
        ticket: of the plan that is awaited; empty while none is.
        progress: 0 to 1, of that stage.
        look_after_s: a frame taken earlier does not show how the last stage ended.
    """

    def __init__(self, settings: TaskSettings | None = None) -> None:
        self._settings = settings or TaskSettings()
        self.state: TaskState = "idle"
        self.message = ""
        self.outcome = ""
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
        self._arm: tuple[str, str, float] | None = None
        self._moved = False

    @property
    def active(self) -> bool:
        """Whether a task is under way."""
        return self.state in ("thinking", "executing")

    @property
    def stage(self) -> int:
        """0-based number of the present stage, or of the last one."""
        return len(self.history) - (self.state == "succeeded")

    @property
    def wants_plan(self) -> bool:
        """Whether the arm rests, and the planner should be asked as soon as there is a frame."""
        return self.state == "thinking" and self._resting and not self.ticket

    def begin(self, instruction: str, task_id: str, now_s: float) -> None:
        """Start a task; whatever ran before is forgotten. `task_id` must be unique."""
        self.instruction, self.task_id = instruction, task_id
        self.history, self._misses = (), 0
        self.look_after_s = self._begun_s = now_s
        self._resting = False
        self._think("waiting for the arm to be at rest", now_s)

    def rest(self, at_rest: bool, now_s: float) -> None:
        """Tell whether the arm is at rest; matters only before the first look."""
        if self.state == "thinking" and not self._resting and at_rest:
            self._resting = True
            self.look_after_s = now_s
            self._think("looking", now_s)

    def camera_trouble(self, message: str) -> None:
        """Tell why there is no usable frame."""
        self._camera = message

    def planning(self, now_s: float) -> str:
        """Tell that the planner is at work; an answer counts while `ticket` is this one's."""
        self._since_s = now_s
        self.message = "looking and planning"
        self._awaited = "plan"
        self.ticket = f"{self.task_id}-{self.stage}"
        return self.ticket

    def await_approval(self, plan: WaypointPlan, now_s: float) -> None:
        """Tell that a plan is there and waits for a person."""
        self._since_s = now_s
        self._awaited = "approval"
        self.message = f"{plan.subgoal}: waiting for approval; call /bridge/approve"

    def await_frame(self, plan: WaypointPlan, now_s: float) -> None:
        """Tell that a plan is there and the scene is looked at once more."""
        self._since_s = now_s
        self._awaited = "frame"
        self._camera = "none came"
        self.message = f"{plan.subgoal}: looking whether the scene is as it was"

    def accept(self, plan: WaypointPlan, now_s: float) -> None:
        """Begin to execute a plan that passed the checks."""
        self.state, self.plan = "executing", plan
        self.plan_id = f"{self.task_id}-{self.stage}"
        self.progress, self.message = 0.0, plan.subgoal
        self.ticket, self._moved = "", False
        self._since_s = now_s

    def stage_progress(self, plan_id: str, progress: float) -> None:
        """Tell how far the present stage is."""
        if self.state == "executing" and plan_id == self.plan_id:
            self.progress = min(1.0, max(0.0, progress))

    def stage_ended(self, plan_id: str, outcome: str, message: str, now_s: float) -> None:
        """Tell what became of a stage: reached, grasped, missed or failed; another's is ignored."""
        if self.state != "executing" or plan_id != self.plan_id or self.plan is None:
            return
        plan = self.plan
        if outcome == "failed":
            self.fail(f"{plan.subgoal}: {message or 'it failed'}")
            return
        if outcome == "missed":
            self._misses += 1
            if self._misses > self._settings.max_misses:
                self.fail(f"{plan.subgoal}: missed {self._misses} times; {message}".rstrip("; "))
                return
        self.history = (*self.history, StageRecord(plan=plan, outcome=outcome))
        if plan.final and outcome != "missed":
            self._end("succeeded", f"done: {self.instruction}")
        elif self.stage >= self._settings.max_stages:
            self.fail(f"not done after {self.stage} stages")
        else:
            self.look_after_s = now_s
            self._think(f"{plan.subgoal}: {outcome}; looking again", now_s)

    def arm_state(self, state: str, message: str, now_s: float) -> None:
        """Tell the controller's state."""
        since_s = self._arm[2] if self._arm and self._arm[0] == state else now_s
        self._arm = state, message, since_s
        self._moved = self._moved or state == "active"

    def tick(self, now_s: float) -> None:
        """Enforce the time limits, and fail when the controller cannot go on."""
        if not self.active:
            return
        settings, waited_s = self._settings, now_s - self._since_s
        if trouble := self._arm_trouble(now_s):
            self.fail(trouble)
        elif self.state == "executing":
            if waited_s > settings.stage_timeout_s:
                self.fail(f"{self.message}: not done after {settings.stage_timeout_s:g} s")
            elif self._arm and not self._moved and waited_s > settings.start_timeout_s:
                self.fail(
                    f"{self.message}: the arm got no targets for {settings.start_timeout_s:g} s; "
                    "are the trajectory and expert nodes running?"
                )
        elif not self._resting:
            if waited_s > settings.rest_timeout_s:
                self.fail(f"the arm did not come to rest within {settings.rest_timeout_s:g} s")
        elif self.ticket and self._awaited == "approval":
            if waited_s > settings.approval_timeout_s:
                self.fail(f"nobody approved the plan within {settings.approval_timeout_s:g} s")
        elif self.ticket and self._awaited == "plan":
            if waited_s > settings.think_timeout_s:
                self.fail(f"the planner took longer than {settings.think_timeout_s:g} s")
        elif waited_s > settings.frame_timeout_s:
            self.fail(f"no usable camera frame for {settings.frame_timeout_s:g} s: {self._camera}")

    def fail(self, message: str) -> None:
        """End the task without success."""
        self._end("failed", message)

    def reject(self, message: str) -> None:
        """End the task because nobody should even try it."""
        self._end("failed", message)
        self.outcome = "rejected"

    def cancel(self, message: str) -> None:
        """End the task because someone wants it so."""
        self._end("canceled", message)

    def _think(self, message: str, now_s: float) -> None:
        self.state, self.message = "thinking", message
        self.plan, self.plan_id, self.progress = None, "", 0.0
        self.ticket = ""
        self._camera = "none came"
        self._since_s = now_s

    def _end(self, state: TaskState, message: str) -> None:
        if self.active:
            self.state, self.message = state, message
            self.outcome = state
            self.ticket = ""

    def _arm_trouble(self, now_s: float) -> str:
        """Why the controller does not let the task go on; empty if it does."""
        if self._arm is None:
            return ""
        state, message, since_s = self._arm
        if state in _BARRED:
            return f"the arm is {state}: {message}"
        if state != "hold" or message.startswith(NO_TARGET):
            return ""
        node_died = NODE_ENDED in message and since_s > self._begun_s
        if node_died or now_s - since_s >= self._settings.hold_grace_s:
            return f"the arm holds: {message}"
        return ""
