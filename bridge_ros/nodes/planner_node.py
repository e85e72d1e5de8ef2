"""The planner node: owns the task, from a sentence to its end, one stage after the other."""

from __future__ import annotations

import uuid

from bridge_interfaces.msg import TaskStatus
from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from builtin_interfaces.msg import Time
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, PlanError, StaleObservationError
from bridge_ros.language.parser import quote
from bridge_ros.plan import WaypointPlan
from bridge_ros.planner.backends import make_planner
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import plan_to_msg, s_to_stamp
from bridge_ros.ros.frame_intake import FrameIntake
from bridge_ros.ros.instruction_server import InstructionServer
from bridge_ros.ros.markers import plan_markers
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    ExpertState,
    Source,
    TaskReason,
    TaskState,
    TrajectoryState,
    cause_of,
)
from bridge_ros.task.executive import TaskExecutive
from bridge_ros.task.gate import PlanGate
from bridge_ros.task.rest import RestDetector
from bridge_ros.task.settings import PlannerSettings
from bridge_ros.task.worker import PlanAnswer, PlanRequest, PlanWorker

SETTINGS = PlannerSettings
_TICK_S = 0.05


class PlannerNode(BridgeNode[PlannerSettings]):
    """Carries out sentences: looks, plans, publishes, waits for the outcome, and looks again.

    Serves: execute (ExecuteInstruction); cancelling stops the arm. approve (Trigger): the plan that
        is shown may be carried out; needed only with `require_approval`.
    Subscribes: instruction (String); colour, aligned depth and camera_info; status (outcomes of
        stages, state of the arm); joint_states (is the arm at rest?).
    Publishes: plan (WaypointPlan, camera frame; an empty one before and after every task); markers
        (the same for rviz2); status.
    Calls: stop, on cancel.
    """

    def __init__(self, **node_options: object) -> None:
        super().__init__("planner", SETTINGS, **node_options)

    def configure(self) -> None:
        self._planner = make_planner(self.settings)
        self._plan_pub = self.create_publisher(WaypointPlanMsg, topics.PLAN, topics.LATCHED)
        self._markers_pub = self.create_publisher(MarkerArray, topics.MARKERS, topics.LATCHED)

    def activate(self) -> None:
        self._task = TaskExecutive(self.settings.task)
        self._rest = RestDetector(self.settings.rest_speed_rad_s, self.settings.rest_time_s)
        self._said: tuple[object, ...] = ()
        self._was_active = True
        self._gate = PlanGate(
            require_approval=self.settings.require_approval,
            max_plan_age_s=self.settings.max_plan_age_s,
        )
        self._worker = PlanWorker(self._planner, self.settings.limits)
        self._frames = FrameIntake(self)
        self._stop_client = self.create_client(Trigger, topics.STOP)
        self._server = InstructionServer(self, on_goal=self._begin, on_cancel=self._cancel)
        self._approve_service = self.create_service(Trigger, topics.APPROVE, self._on_approve)
        subscribe = self.create_subscription
        self._own_subscriptions = [
            subscribe(String, topics.INSTRUCTION, self._on_instruction, topics.RELIABLE),
            subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS),
            subscribe(JointState, topics.JOINT_STATES, self._on_joints, topics.SENSOR),
        ]
        self._timer = self.create_timer(_TICK_S, self._tick)
        # Of an earlier life of this node a plan may still be followed.
        self._publish_empty_plan()
        self.publish_status(
            TaskState.IDLE,
            TaskReason.WAITING_FOR_SENTENCE.because(backend=self.settings.backend),
        )

    def deactivate(self) -> None:
        self._task.cancel(TaskReason.SHUTTING_DOWN.because())
        self._announce()
        self.destroy_timer(self._timer)
        for subscription in self._own_subscriptions:
            self.destroy_subscription(subscription)
        self._frames.rest()
        self._server.close()
        self.destroy_service(self._approve_service)
        self.destroy_client(self._stop_client)
        self._worker.close()

    def diagnostics(self) -> dict[str, object]:
        task = getattr(self, "_task", None)
        return (
            {} if task is None else {"message": task.state.value, "backend": self.settings.backend}
        )

    def _begin(self, instruction: str) -> None:
        """Take up a sentence; what ran before is stopped first."""
        if self._task.active:
            self._task.cancel(TaskReason.REPLACED.because(sentence=quote(instruction)))
            self._announce()
        limit = self.settings.max_instruction_chars
        sentence = instruction if len(instruction) <= limit else quote(instruction)
        self._task.begin(sentence, uuid.uuid4().hex[:8], self._now_s())
        if len(instruction) > limit or not instruction.strip():
            self._task.reject(TaskReason.BAD_SENTENCE.because(limit=limit, length=len(instruction)))
        self._publish_empty_plan()

    def _cancel(self) -> None:
        """Stop the arm, latched until resume, and forget the task."""
        self._stop_client.call_async(Trigger.Request())
        self._task.cancel(TaskReason.CANCELED.because())
        self._announce()

    def _tick(self) -> None:
        now_s = self._now_s()
        self._server.poll()
        self._task.rest(self._rest.at_rest(now_s), now_s)
        if self._task.wants_plan:
            self._look(now_s)
        elif self._gate.waits_for == "frame":
            self._look_again(now_s)
        else:
            self._frames.rest()
        while (answer := self._worker.poll()) is not None:
            self._on_answer(answer, now_s)
        self._pass_gate(now_s)
        self._task.tick(now_s)
        self._announce()

    def _look(self, now_s: float) -> None:
        """Ask the planner, if there is a frame that shows how things are now."""
        task = self._task
        frame = self._frame(task.look_after_s, now_s)
        if frame is None:
            return
        ticket = task.planning(now_s)
        self._worker.submit(
            PlanRequest(
                ticket=ticket, frame=frame, instruction=task.instruction, history=task.history
            )
        )

    def _look_again(self, now_s: float) -> None:
        """Compare the scene with that of the plan at the gate."""
        frame = self._frame(self._gate.look_after_s, now_s)
        if frame is None:
            return
        try:
            self._gate.look(frame)
        except PlanError as error:
            self._gate.drop()
            self._task.fail(cause_of(error, TaskReason.SCENE_UNCHECKED))

    def _frame(self, after_s: float, now_s: float) -> RGBDFrame | None:
        """A fresh frame, if there is one already."""
        self._frames.look()
        try:
            return self._frames.frame(
                after_s=after_s, now_s=now_s, max_age_s=self.settings.max_frame_age_s
            )
        except (CameraError, StaleObservationError) as error:
            self._task.camera_trouble(str(error))
            return None

    def _on_answer(self, answer: PlanAnswer, now_s: float) -> None:
        if answer.request.ticket != self._task.ticket:
            return
        if answer.details:
            self.get_logger().error(answer.details)
        if answer.trouble is not None or answer.plan is None:
            assert answer.trouble is not None
            self._task.fail(answer.trouble)
            return
        self._gate.offer(answer, now_s)
        if self._gate.waits_for == "approval":
            self._task.await_approval(answer.plan, now_s)
            stamp = s_to_stamp(answer.request.frame.stamp_s)
            self._markers_pub.publish(plan_markers(answer.plan, stamp=stamp))
        elif self._gate.waits_for == "frame":
            self._task.await_frame(answer.plan, now_s)

    def _on_approve(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        now_s = self._now_s()
        self._pass_gate(now_s)  # Drops a plan whose task is over.
        try:
            plan = self._gate.approve(now_s)
        except PlanError as error:
            response.success, response.message = False, str(error)
            return response
        self._task.await_frame(plan, now_s)
        response.success, response.message = True, f"approved: {plan.subgoal}"
        return response

    def _pass_gate(self, now_s: float) -> None:
        """Carry out the plan at the gate once nothing is missing."""
        answer = self._gate.answer
        if answer is None or answer.plan is None:
            return
        if answer.request.ticket != self._task.ticket:
            self._gate.drop()
        elif self._gate.waits_for == "nothing":
            self._gate.drop()
            self._task.accept(answer.plan, now_s)
            self._publish_plan(answer.plan, s_to_stamp(answer.request.frame.stamp_s))

    def _announce(self) -> None:
        """Say on status and to the action's client what changed; end what has ended."""
        task = self._task
        subgoal = task.plan.subgoal if task.plan else ""
        now_said = (task.task_id, task.state, task.message, task.plan_id, round(task.progress, 2))
        if now_said == self._said or task.cause is None:
            return
        was_active = self._was_active
        self._said, self._was_active = now_said, task.active
        self.publish_status(
            task.state,
            task.cause,
            instruction=task.instruction,
            plan_id=task.plan_id,
            stage=task.stage,
            subgoal=subgoal,
            progress=task.progress,
        )
        if task.active:
            self._server.feedback(
                stage=task.stage, subgoal=subgoal, progress=task.progress, state=task.state
            )
            return
        if was_active:
            self._publish_empty_plan()
        self.get_logger().info(f"{task.state}: {task.message}")
        if task.outcome is not None:
            self._server.end(task.outcome, task.message)

    def _publish_empty_plan(self) -> None:
        """Whoever follows a plan of ours stops."""
        self._publish_plan(None, self.get_clock().now().to_msg())

    def _publish_plan(self, plan: WaypointPlan | None, stamp: Time) -> None:
        """Publish a plan, made from the image of that stamp, and what rviz2 shows of it."""
        task = self._task
        self._plan_pub.publish(
            plan_to_msg(
                plan,
                plan_id=task.plan_id,
                instruction=task.instruction,
                stage=task.stage,
                stamp=stamp,
            )
        )
        self._markers_pub.publish(plan_markers(plan, stamp=stamp))

    def _on_instruction(self, message: String) -> None:
        self._begin(message.data)

    def _on_status(self, status: TaskStatus) -> None:
        now_s, task = self._now_s(), self._task
        if status.source == Source.CONTROLLER:
            if state := ControllerState.read(status.state):
                reason = ControllerReason.read(status.reason)
                task.arm_state(state, reason, status.message, now_s)
        elif status.source == Source.TRAJECTORY:
            if status.state == TrajectoryState.FAILED:
                task.plan_refused(status.plan_id, status.message)
        elif status.source == Source.EXPERT:
            expert = ExpertState.read(status.state)
            if expert is not None and expert.outcome is not None:
                task.stage_ended(status.plan_id, expert.outcome, status.message, now_s)
            task.stage_progress(status.plan_id, status.progress)

    def _on_joints(self, message: JointState) -> None:
        self._rest.update(message.velocity[:7], self._now_s())

    def _now_s(self) -> float:
        return float(self.get_clock().now().nanoseconds) * 1e-9


def main() -> None:
    """Run the node."""
    run(PlannerNode)


if __name__ == "__main__":
    main()
