"""The planner node: owns the task, from a sentence to its end, one stage after the other."""

from __future__ import annotations

import uuid

from bridge_interfaces.msg import TaskStatus
from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from bridge_ros.errors import PlanError, StaleObservationError
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
    TrajectoryState,
)
from bridge_ros.task.events import (
    Event,
    PlannerBroke,
    PlanReleased,
    PlanShown,
    TaskChanged,
    TaskEnded,
)
from bridge_ros.task.loop import PlanningLoop
from bridge_ros.task.planner_settings import PlannerSettings
from bridge_ros.task.worker import ThreadPlanWorker

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
        worker = self.own(ThreadPlanWorker(self._planner, self.settings.limits))
        self._loop = PlanningLoop(worker, self.settings)
        self._frames = FrameIntake(self)
        self._stop_client = self.create_client(Trigger, topics.STOP)
        self._server = InstructionServer(self, on_goal=self._begin, on_cancel=self._cancel)
        self.create_service(Trigger, topics.APPROVE, self._on_approve)
        subscribe = self.create_subscription
        subscribe(String, topics.INSTRUCTION, self._on_instruction, topics.RELIABLE)
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(JointState, topics.JOINT_STATES, self._on_joints, topics.SENSOR)
        self.create_timer(_TICK_S, self._tick)
        self._carry_out(self._loop.start(self.now_s()))

    def deactivate(self) -> None:
        self._carry_out(self._loop.cancel(TaskReason.SHUTTING_DOWN.because(), self.now_s()))

    def diagnostics(self) -> dict[str, object]:
        return {"message": self._loop.task.state.value, "backend": self.settings.backend}

    def _begin(self, instruction: str) -> None:
        self._carry_out(self._loop.begin(instruction, uuid.uuid4().hex[:8], self.now_s()))

    def _cancel(self) -> None:
        """Stop the arm, latched until resume, and forget the task."""
        self._stop_client.call_async(Trigger.Request())
        self._carry_out(self._loop.cancel(TaskReason.CANCELED.because(), self.now_s()))

    def _tick(self) -> None:
        self._server.poll()
        if self._loop.wants_frame:
            self._look()
        self._carry_out(self._loop.step(self.now_s()))
        if self._loop.wants_frame:
            self._frames.look()
        else:
            self._frames.rest()

    def _look(self) -> None:
        try:
            self._loop.observe_frame(*self._frames.newest())
        except StaleObservationError as error:
            self._loop.observe_no_frame(str(error))

    def _carry_out(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case PlanReleased():
                    self._publish_plan(event)
                case PlanShown(plan=plan, stamp_s=stamp_s):
                    self._markers_pub.publish(plan_markers(plan, stamp=s_to_stamp(stamp_s)))
                case TaskChanged():
                    self._publish_task(event)
                case TaskEnded(outcome=outcome, message=message):
                    self._server.end(outcome, message)
                case PlannerBroke(details=details):
                    self.get_logger().error(details)

    def _publish_plan(self, event: PlanReleased) -> None:
        """Publish a plan, and what rviz2 shows of it."""
        stamp = s_to_stamp(event.stamp_s)
        self._plan_pub.publish(
            plan_to_msg(
                event.plan,
                plan_id=event.plan_id,
                instruction=event.instruction,
                stage=event.stage,
                stamp=stamp,
            )
        )
        self._markers_pub.publish(plan_markers(event.plan, stamp=stamp))

    def _publish_task(self, event: TaskChanged) -> None:
        """Say on status, and to the action's client, where the task stands."""
        self.publish_status(
            event.state,
            event.cause,
            instruction=event.instruction,
            plan_id=event.plan_id,
            stage=event.stage,
            subgoal=event.subgoal,
            progress=event.progress,
        )
        if event.state.busy:
            self._server.feedback(event)
        elif event.state.ended:
            self.get_logger().info(f"{event.state}: {event.cause.message}")

    def _on_approve(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        try:
            subgoal = self._loop.approve(self.now_s()).subgoal
        except PlanError as error:
            response.success, response.message = False, str(error)
        else:
            response.success, response.message = True, f"approved: {subgoal}"
        return response

    def _on_instruction(self, message: String) -> None:
        self._begin(message.data)

    def _on_status(self, status: TaskStatus) -> None:
        loop, now_s = self._loop, self.now_s()
        if status.source == Source.CONTROLLER:
            if state := ControllerState.read(status.state):
                reason = ControllerReason.read(status.reason)
                loop.observe_arm_state(state, reason, status.message, now_s)
        elif status.source == Source.TRAJECTORY:
            if status.state == TrajectoryState.FAILED:
                loop.observe_refusal(status.plan_id, status.message)
        elif status.source == Source.EXPERT:
            expert = ExpertState.read(status.state)
            if expert is not None and expert.outcome is not None:
                loop.observe_outcome(status.plan_id, expert.outcome, status.message, now_s)
            loop.observe_progress(status.plan_id, status.progress)

    def _on_joints(self, message: JointState) -> None:
        self._loop.observe_joints(message.velocity[:7], self.now_s())


def main() -> None:
    """Run the node."""
    run(PlannerNode)


if __name__ == "__main__":
    main()
