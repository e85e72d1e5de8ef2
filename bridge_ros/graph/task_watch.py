"""Whether a task is running, for those who would move the arm beside it."""

from __future__ import annotations

from bridge_interfaces.msg import TaskStatus
from rclpy.node import Node

from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import stamp_to_s
from bridge_ros.status import ExpertState, Source, TaskState

_MAX_AGE_S = 3.0
_BUSY: dict[Source, tuple[str, ...]] = {
    Source.PLANNER: (TaskState.THINKING, TaskState.EXECUTING),
    Source.EXPERT: (ExpertState.FOLLOWING,),
}


class TaskWatch:
    """Keeps what every node said lately; each says its state once a second."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._status: dict[str, TaskStatus] = {}
        node.create_subscription(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)

    def status(self, source: str) -> TaskStatus | None:
        """What a node says; None if it has been silent for seconds."""
        status = self._status.get(source)
        if status is None or clock_s(self._node) - stamp_to_s(status.header.stamp) > _MAX_AGE_S:
            return None
        return status

    def busy(self) -> str:
        """Who is carrying out a task, in words; empty for nobody."""
        for source, states in _BUSY.items():
            status = self.status(source)
            if status is not None and status.state in states:
                return f"a task is running: the {source} is {status.state}"
        return ""

    def _on_status(self, message: TaskStatus) -> None:
        self._status[message.source] = message
