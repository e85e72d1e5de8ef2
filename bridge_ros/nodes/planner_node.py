"""The planner node: owns the task, from a sentence to its end, one stage after the other."""

from __future__ import annotations

import uuid

from std_msgs.msg import String
from std_srvs.srv import Trigger

from bridge_ros.errors import StaleObservationError
from bridge_ros.planner.backends import make_planner
from bridge_ros.ros import topics
from bridge_ros.ros.frame_intake import FrameIntake
from bridge_ros.ros.instruction_server import InstructionServer
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.plan_publisher import PlanPublisher
from bridge_ros.ros.stage_intake import StageIntake
from bridge_ros.ros.triggers import serve_trigger
from bridge_ros.status import TaskReason
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
        self._plans = PlanPublisher(self)

    def activate(self) -> None:
        worker = self.own(ThreadPlanWorker(self._planner, self.settings.limits))
        self._loop = PlanningLoop(worker, self.settings)
        self._frames = FrameIntake(self)
        self._stop_client = self.create_client(Trigger, topics.STOP)
        self._server = InstructionServer(self, on_goal=self._begin, on_cancel=self._cancel)
        serve_trigger(self, topics.APPROVE, self._approve)
        self.create_subscription(
            String, topics.INSTRUCTION, lambda message: self._begin(message.data), topics.RELIABLE
        )
        StageIntake(self, self._loop)
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

    def _approve(self) -> str:
        return f"approved: {self._loop.approve(self.now_s()).subgoal}"

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
                    self._plans.release(event)
                case PlanShown():
                    self._plans.show(event)
                case TaskChanged():
                    self._publish_task(event)
                case TaskEnded(outcome=outcome, message=message):
                    self._server.end(outcome, message)
                case PlannerBroke(details=details):
                    self.get_logger().error(details)

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


def main() -> None:
    """Run the node."""
    run(PlannerNode)


if __name__ == "__main__":
    main()
