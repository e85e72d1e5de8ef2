"""The action ExecuteInstruction as two callbacks and two calls, without a thread a goal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge_interfaces.action import ExecuteInstruction
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.node import Node
from rclpy.task import Future

from bridge_ros.ros import topics
from bridge_ros.status import TaskOutcome
from bridge_ros.task.events import TaskChanged


class InstructionServer:
    """At most one goal runs; `on_goal` announces a new one, and ends the old one first.

    Args:
        on_goal: called with the sentence of every goal.
        on_cancel: called once when the running goal is to be cancelled.
    """

    def __init__(
        self, node: Node, *, on_goal: Callable[[str], None], on_cancel: Callable[[], None]
    ) -> None:
        self._on_goal = on_goal
        self._on_cancel = on_cancel
        self._goal: ServerGoalHandle[Any, Any, Any] | None = None
        self._ended: Future[tuple[TaskOutcome, str]] = Future()
        self._server: ActionServer[Any, Any, Any] = ActionServer(
            node,
            ExecuteInstruction,
            topics.EXECUTE,
            self._execute,
            goal_callback=lambda _: GoalResponse.ACCEPT,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    def poll(self) -> None:
        """Call `on_cancel` if the running goal was cancelled; to be called now and then."""
        if self._goal is not None and self._goal.is_cancel_requested:
            self._on_cancel()

    def feedback(self, task: TaskChanged) -> None:
        """Tell the running goal's client how far it is."""
        if self._goal is not None and self._goal.is_active:
            self._goal.publish_feedback(
                ExecuteInstruction.Feedback(
                    stage=task.stage,
                    subgoal=task.subgoal,
                    progress=task.progress,
                    state=task.state.value,
                )
            )

    def end(self, outcome: TaskOutcome, message: str) -> None:
        """End the running goal, if there is one."""
        if self._goal is not None:
            self._goal = None
            self._ended.set_result((outcome, message))

    async def _execute(self, goal: ServerGoalHandle[Any, Any, Any]) -> ExecuteInstruction.Result:
        # The old goal ends in `on_goal`; only then does the new one take its place.
        self._on_goal(goal.request.instruction)
        ended: Future[tuple[TaskOutcome, str]] = Future()
        self._goal, self._ended = goal, ended
        outcome, message = await ended
        succeeded = outcome is TaskOutcome.SUCCEEDED
        if succeeded:
            goal.succeed()
        elif goal.is_cancel_requested:
            goal.canceled()
        else:
            goal.abort()
        return ExecuteInstruction.Result(success=succeeded, outcome=outcome.value, message=message)
