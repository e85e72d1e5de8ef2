"""Somebody who knows the public topics alone: speaks, hears status, and may be a nuisance."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from bridge_interfaces.msg import PoseTrajectory, TaskStatus, WaypointPlan
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Point, Pose, PoseStamped
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64, String
from std_srvs.srv import Trigger

from bridge_ros.errors import BridgeError
from bridge_ros.geometry.poses import FloatArray, pose_at, quaternion_of
from bridge_ros.graph import GraphSession
from bridge_ros.lab.faults.fault_topics import FAULTS_QOS, NODES, fault_topic
from bridge_ros.lab.faults.measurement import Said
from bridge_ros.priority import run_in_foreground
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, pose_to_stamped, stamp_to_s
from bridge_ros.ros.joint_states import width_from_joint_state

_MATCH_TIMEOUT_S = 20.0
_CLOCKS_AGREE_S = 2.0
"""Beyond, the sender's clock has jumped, and only the time of arrival counts."""
_PAST_S = 2.0
"""So long a newcomer may still hear the topic's past."""

_SENT = {
    topics.TARGET_POSE: PoseStamped,
    topics.TARGET_GRIPPER_WIDTH: Float64,
    topics.PLAN: WaypointPlan,
    topics.TRAJECTORY: PoseTrajectory,
    **{fault_topic(node): String for node in NODES},
}


class PublicClient:
    """Hears in a thread of its own; use as a context manager.

    A process that ends at the wrong instant may leave those deaf to its successor who were
    connected to it (Fast DDS, shared memory): make a new client then.

    Attributes:
        width_m: the fingers' opening; infinite while it is not known.
    """

    def __init__(self) -> None:
        self._since_s = time.time()
        self._said: list[Said] = []
        self._pose = PoseStamped()
        self._paces: list[tuple[float, float]] = []
        self.width_m = math.inf

    def __enter__(self) -> PublicClient:
        with ExitStack() as ends:
            session = ends.enter_context(GraphSession(partial(Node, "client")))
            self._join(session.node)
            session.spin_beside(run_in_foreground)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @property
    def said(self) -> tuple[Said, ...]:
        """Every status since this client came."""
        return tuple(self._said)

    def latest(self, source: str) -> Said:
        """What a node said last; an empty state if it said nothing yet."""
        silence = Said(at_s=0.0, source=source, state="", reason="", message="")
        return next((said for said in reversed(self._said) if said.source == source), silence)

    def states(self, source: str, since_s: float) -> list[str]:
        """All that a node said it was since a moment, in order."""
        return [s.state for s in self._said if s.source == source and s.at_s > since_s]

    def slowest_real_time_factor(self, since_s: float) -> float | None:
        """Of the simulation since a moment; None if it did not say."""
        return min((pace for at_s, pace in self._paces if at_s >= since_s), default=None)

    def wait(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Wait until something is so. Raises BridgeError(`what` did not come) after the timeout."""
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline_s:
                heard = [f"{s.source} {s.state}: {s.message}" for s in self._said[-3:]]
                raise BridgeError(f"{what} did not come within {timeout_s:g} s; heard: {heard}")
            time.sleep(0.02)

    def say(self, sentence: str) -> None:
        """Give a sentence, once somebody listens."""
        self._send(self._instruction, String(data=sentence), "a planner that listens")

    def tell(self, node_name: str, word: str) -> None:
        """Tell a node which fault to have; empty for none."""
        publisher = self._publishers[fault_topic(node_name)]
        self._send(publisher, String(data=word), f"the {node_name} node")

    def trigger(self, name: str, timeout_s: float = 10.0) -> bool:
        """Call /bridge/stop, resume or home; whether that was granted.

        Raises:
            BridgeError: if nobody answers.
        """
        client = self._triggers[name]
        self.wait(client.service_is_ready, timeout_s, f"{name}")
        future = client.call_async(Trigger.Request())
        self.wait(future.done, timeout_s, f"an answer from {name}")
        return bool(future.result().success)

    def publish_width(self, width_m: float) -> None:
        """Tell the gripper a width [m], as the expert does."""
        publisher = self._publishers[topics.TARGET_GRIPPER_WIDTH]
        self._send(publisher, Float64(data=width_m), "a controller that listens")

    def publish_target(self, position: FloatArray, aside_m: float) -> None:
        """Publish a target beside a position `(3,)`, turned as the arm is."""
        aside = position + [0.0, aside_m, 0.0]
        pose = pose_at(aside, quaternion_of(pose_from_msg(self._pose.pose)))
        stamp = self._node.get_clock().now().to_msg()
        message = pose_to_stamped(pose, frame_id=topics.BASE_FRAME, stamp=stamp)
        self._publishers[topics.TARGET_POSE].publish(message)

    def publish_bad_plan(self) -> None:
        """Publish a plan whose waypoints are not numbers."""
        plan = WaypointPlan(plan_id="stranger", waypoints=[Point(x=math.nan), Point(x=math.nan)])
        plan.header.frame_id = topics.OPTICAL_FRAME
        plan.header.stamp = self._node.get_clock().now().to_msg()
        self._publishers[topics.PLAN].publish(plan)

    def publish_bad_trajectory(self) -> None:
        """Publish a trajectory whose poses are not numbers."""
        pose = Pose()
        pose.position.x = math.nan
        trajectory = PoseTrajectory(plan_id="stranger", poses=[pose, pose])
        trajectory.gripper_widths, trajectory.time_from_start = [0.1, 0.1], [0.0, 1.0]
        trajectory.header.frame_id = topics.BASE_FRAME
        trajectory.header.stamp = self._node.get_clock().now().to_msg()
        self._publishers[topics.TRAJECTORY].publish(trajectory)

    def _send(self, publisher: Publisher, message: object, listener: str) -> None:
        self.wait(lambda: publisher.get_subscription_count() > 0, _MATCH_TIMEOUT_S, listener)
        publisher.publish(message)

    def _on_status(self, message: TaskStatus) -> None:
        now_s, at_s = time.time(), stamp_to_s(message.header.stamp)
        if abs(at_s - now_s) > _CLOCKS_AGREE_S:
            if now_s - self._since_s < _PAST_S:
                return
            at_s = now_s
        self._said.append(
            Said(
                at_s=at_s,
                source=message.source,
                state=message.state,
                reason=message.reason,
                message=message.message,
            )
        )

    def _on_pose(self, message: PoseStamped) -> None:
        self._pose = message

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            for value in status.values:
                if value.key == "real_time_factor":
                    self._paces.append((time.time(), float(value.value)))

    def _on_joints(self, message: JointState) -> None:
        width_m = width_from_joint_state(message)
        self.width_m = math.inf if width_m is None else width_m

    def _join(self, node: Node) -> None:
        """Create what the client speaks and hears by."""
        self._node = node
        subscribe, publish = node.create_subscription, node.create_publisher
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(PoseStamped, topics.EE_POSE, self._on_pose, topics.RELIABLE)
        subscribe(JointState, topics.JOINT_STATES, self._on_joints, topics.RELIABLE)
        subscribe(DiagnosticArray, topics.DIAGNOSTICS, self._on_diagnostics, topics.RELIABLE)
        self._instruction = publish(String, topics.INSTRUCTION, topics.RELIABLE)
        # Made now, so that a fault does not wait for its listener to find out about it.
        self._publishers = {
            topic: publish(kind, topic, FAULTS_QOS) for topic, kind in _SENT.items()
        }
        self._triggers = {
            name: node.create_client(Trigger, name)
            for name in (topics.STOP, topics.RESUME, topics.HOME)
        }
