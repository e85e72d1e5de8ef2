"""PlanningLoop: carries sentences out, from looking to the last stage, free of ROS and of clocks.

The node calls it at 20 Hz with a thread behind it that thinks, the evaluator on simulated time with
the same code and a worker that takes as long as it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, PlanError, StaleObservationError
from bridge_ros.language import quote
from bridge_ros.plan import WaypointPlan
from bridge_ros.status import (
    Cause,
    ControllerReason,
    ControllerState,
    StageOutcome,
    TaskReason,
    cause_of,
)
from bridge_ros.task.events import (
    Event,
    PlannerBroke,
    PlanReleased,
    PlanShown,
    TaskChanged,
    TaskEnded,
)
from bridge_ros.task.executive import TaskExecutive
from bridge_ros.task.gate import PlanGate
from bridge_ros.task.planner_settings import PlannerSettings
from bridge_ros.task.rest import RestDetector
from bridge_ros.task.worker import PlanAnswer, PlanRequest, PlanWorker

LazyFrame = Callable[[], RGBDFrame]
"""Gives a frame; called only for one that is looked at. May raise CameraError."""


class PlanningLoop:
    """One task at a time, and who may begin to move. Call it from one thread.

    All times are seconds of one clock, that of the frames' stamps. The methods that return events
    want them carried out at once, in their order; what the `observe_` methods change is told by the
    next `step`.

    Attributes:
        task: where the present task stands, or the last one; to be read only.
    """

    def __init__(self, worker: PlanWorker, settings: PlannerSettings | None = None) -> None:
        self._settings = settings or PlannerSettings()
        self._worker = worker
        self._rest = RestDetector(self._settings.rest_speed_rad_s, self._settings.rest_time_s)
        self._gate = PlanGate(
            require_approval=self._settings.require_approval,
            max_plan_age_s=self._settings.max_plan_age_s,
        )
        self.task = TaskExecutive(self._settings.task)
        self._frame: tuple[float, LazyFrame] | None = None
        self._said: tuple[object, ...] = ()
        self._events: list[Event] = []

    @property
    def wants_frame(self) -> bool:
        """Whether the camera's frames are looked at now."""
        return self.task.wants_plan or self._gate.waits_for == "frame"

    def start(self, now_s: float) -> list[Event]:
        """Take the place of an earlier loop, of which a plan may still be followed."""
        cause = TaskReason.WAITING_FOR_SENTENCE.because(backend=self._settings.backend)
        self._withdraw_plan(now_s)
        self._say(cause)
        return self._take_events()

    def begin(self, instruction: str, task_id: str, now_s: float) -> list[Event]:
        """Take up a sentence; what ran before ends first. `task_id` must be unique."""
        task, limit = self.task, self._settings.max_instruction_chars
        if task.active:
            task.cancel(TaskReason.REPLACED.because(sentence=quote(instruction)))
            self._announce(now_s)
        sentence = instruction if len(instruction) <= limit else quote(instruction)
        task.begin(sentence, task_id, now_s)
        if len(instruction) > limit or not instruction.strip():
            task.reject(TaskReason.BAD_SENTENCE.because(limit=limit, length=len(instruction)))
        self._withdraw_plan(now_s)
        return self._take_events()

    def cancel(self, cause: Cause[TaskReason], now_s: float) -> list[Event]:
        """End the running task, if there is one, because someone wants it so."""
        self.task.cancel(cause)
        self._announce(now_s)
        return self._take_events()

    def fail(self, cause: Cause[TaskReason], now_s: float) -> list[Event]:
        """End the running task, if there is one, because of trouble outside of it."""
        self.task.fail(cause)
        self._announce(now_s)
        return self._take_events()

    def approve(self, now_s: float) -> WaypointPlan:
        """Let the plan that is shown be carried out, if the scene is still as it was.

        Raises:
            PlanError: if no plan waits for approval.
        """
        self._drop_late_plan()
        plan = self._gate.approve(now_s)
        self.task.await_frame(plan, now_s)
        return plan

    def observe_frame(self, stamp_s: float, frame: LazyFrame) -> None:
        """Take in what the camera sees; matters while `wants_frame`."""
        self._frame = (stamp_s, frame)

    def observe_no_frame(self, why: str) -> None:
        """Take in that the camera shows nothing, and why, for people."""
        self._frame = None
        self.task.camera_trouble(why)

    def observe_joints(self, positions_rad: Sequence[float], now_s: float) -> None:
        """Take in where the arm's joints are; an arm of which nothing is heard is at rest."""
        self._rest.update(positions_rad, now_s)

    def observe_arm_state(
        self, state: ControllerState, reason: ControllerReason | None, message: str, now_s: float
    ) -> None:
        """Take in the controller's state, its reason if that is known, and its message."""
        self.task.arm_state(state, reason, message, now_s)

    def observe_refusal(self, plan_id: str, message: str) -> None:
        """Take in that no trajectory can be made of a plan, and why, for people."""
        self.task.plan_refused(plan_id, message)

    def observe_progress(self, plan_id: str, progress: float) -> None:
        """Take in how far a stage is, 0 to 1."""
        self.task.stage_progress(plan_id, progress)

    def observe_outcome(
        self, plan_id: str, outcome: StageOutcome, message: str, now_s: float
    ) -> None:
        """Take in what became of a stage, and why, for people."""
        self.task.stage_ended(plan_id, outcome, message, now_s)

    def step(self, now_s: float) -> list[Event]:
        """Do what is due: look, think, let a plan through, enforce the time limits."""
        task = self.task
        self._drop_late_plan()
        task.rest(self._rest.at_rest(now_s), now_s)
        if task.wants_plan:
            self._look(now_s)
        elif self._gate.waits_for == "frame":
            self._look_again(now_s)
        while (answer := self._worker.poll(now_s)) is not None:
            self._take_answer(answer, now_s)
        self._release_plan(now_s)
        task.tick(now_s)
        self._announce(now_s)
        return self._take_events()

    def _drop_late_plan(self) -> None:
        """Forget a plan at the gate whose task is over: it concerns nobody any more."""
        answer = self._gate.answer
        if answer is not None and answer.request.ticket != self.task.ticket:
            self._gate.drop()

    def _look(self, now_s: float) -> None:
        """Ask the planner, if there is a frame that shows how things are now."""
        task = self.task
        frame = self._fresh_frame(task.look_after_s, now_s)
        if frame is None:
            return
        request = PlanRequest(
            ticket=task.planning(now_s),
            frame=frame,
            instruction=task.instruction,
            history=task.history,
        )
        self._worker.submit(request, now_s)

    def _look_again(self, now_s: float) -> None:
        """Compare the scene with that of the plan at the gate."""
        frame = self._fresh_frame(self._gate.look_after_s, now_s)
        if frame is None:
            return
        try:
            self._gate.look(frame)
        except PlanError as error:
            self._gate.drop()
            self.task.fail(cause_of(error, TaskReason.SCENE_UNCHECKED))

    def _fresh_frame(self, after_s: float, now_s: float) -> RGBDFrame | None:
        """The newest frame, if it shows how things are now; tells the task why not."""
        if self._frame is None:
            return None
        stamp_s, frame = self._frame
        age_s, most_s = now_s - stamp_s, self._settings.max_frame_age_s
        try:
            if stamp_s < after_s or age_s > most_s:
                raise StaleObservationError(f"camera: the newest frame is {age_s:.1f} s old")
            if age_s < -most_s:
                raise CameraError(
                    f"camera: the frame is stamped {-age_s:.1f} s in the future; "
                    "synchronise the clocks"
                )
            return frame()
        except (CameraError, StaleObservationError) as error:
            self.task.camera_trouble(str(error))
            return None

    def _take_answer(self, answer: PlanAnswer, now_s: float) -> None:
        if answer.request.ticket != self.task.ticket:
            return
        if answer.details:
            self._events.append(PlannerBroke(details=answer.details))
        if answer.plan is None:
            assert answer.trouble is not None
            self.task.fail(answer.trouble)
            return
        self._gate.offer(answer, now_s)
        if self._gate.waits_for == "approval":
            self.task.await_approval(answer.plan, now_s)
            stamp_s = answer.request.frame.stamp_s
            self._events.append(PlanShown(plan=answer.plan, stamp_s=stamp_s))
        elif self._gate.waits_for == "frame":
            self.task.await_frame(answer.plan, now_s)

    def _release_plan(self, now_s: float) -> None:
        """Carry out the plan at the gate once nothing is missing."""
        if self._gate.waits_for != "nothing":
            return
        answer = self._gate.drop()
        assert answer is not None
        assert answer.plan is not None
        self.task.accept(answer.plan, now_s)
        self._send(answer.plan, answer.request.frame.stamp_s)

    def _withdraw_plan(self, now_s: float) -> None:
        """Whoever follows a plan of ours is to stop."""
        self._send(None, now_s)

    def _send(self, plan: WaypointPlan | None, stamp_s: float) -> None:
        task = self.task
        self._events.append(
            PlanReleased(
                plan=plan,
                plan_id=task.plan_id,
                instruction=task.instruction,
                stage=task.stage,
                stamp_s=stamp_s,
            )
        )

    def _announce(self, now_s: float) -> None:
        """Tell what changed; end what has ended."""
        task = self.task
        said = (task.task_id, task.state, task.message, task.plan_id, round(task.progress, 2))
        if said == self._said or task.cause is None:
            return
        self._said = said
        self._say(task.cause)
        if task.active:
            return
        self._withdraw_plan(now_s)
        if task.outcome is not None:
            self._events.append(TaskEnded(outcome=task.outcome, message=task.message))

    def _say(self, cause: Cause[TaskReason]) -> None:
        task = self.task
        self._events.append(
            TaskChanged(
                state=task.state,
                cause=cause,
                instruction=task.instruction,
                plan_id=task.plan_id,
                stage=task.stage,
                subgoal=task.plan.subgoal if task.plan else "",
                progress=task.progress,
            )
        )

    def _take_events(self) -> list[Event]:
        events, self._events = self._events, []
        return events
