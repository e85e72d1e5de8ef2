"""Hears what the planner must know of the arm and of the stage that is being carried out."""

from __future__ import annotations

from bridge_interfaces.msg import TaskStatus
from rclpy.node import Node
from sensor_msgs.msg import JointState

from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.status import (
    ControllerReason,
    ControllerState,
    ExpertState,
    Source,
    TrajectoryState,
)
from bridge_ros.task.loop import PlanningLoop


class StageIntake:
    """Subscribes to status and joint_states, and tells the loop."""

    def __init__(self, node: Node, loop: PlanningLoop) -> None:
        self._node = node
        self._loop = loop
        subscribe = node.create_subscription
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(JointState, topics.JOINT_STATES, self._on_joints, topics.SENSOR)

    def _on_status(self, status: TaskStatus) -> None:
        loop, now_s = self._loop, clock_s(self._node)
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
        self._loop.observe_joints(message.position[:7], clock_s(self._node))
