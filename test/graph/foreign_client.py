"""A process that knows the public topics only: it imports messages, and nothing of bridge_ros."""

from __future__ import annotations

import threading
import time

import numpy as np
import rclpy
from bridge_interfaces.action import ExecuteInstruction
from bridge_interfaces.msg import PoseTrajectory, TaskStatus, WaypointPlan
from bridge_interfaces.srv import PlanTrajectory
from geometry_msgs.msg import PoseStamped
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import JointState
from std_msgs.msg import String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

LATCHED = QoSProfile(
    depth=20,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


class ForeignClient:
    """Hears all public topics in its own thread; keeps what it heard with the time of arrival."""

    def __init__(self) -> None:
        self.since_s = time.time()
        self.context = rclpy.Context()
        self.context.init()
        self.node = Node("foreign_client", context=self.context)
        self.status: list[TaskStatus] = []
        self.plans: list[WaypointPlan] = []
        self.trajectories: list[PoseTrajectory] = []
        self.targets: list[PoseStamped] = []
        self.poses: list[tuple[float, PoseStamped]] = []
        self.joints: list[JointState] = []
        self.objects: dict[str, np.ndarray] = {}
        subscribe = self.node.create_subscription
        subscribe(TaskStatus, "/bridge/status", self._on_status, LATCHED)
        subscribe(WaypointPlan, "/bridge/plan", self.plans.append, 10)
        subscribe(PoseTrajectory, "/bridge/trajectory", self.trajectories.append, 10)
        subscribe(PoseStamped, "/bridge/target_pose", self.targets.append, 10)
        subscribe(PoseStamped, "/bridge/ee_pose", self._on_pose, 10)
        subscribe(JointState, "/joint_states", self.joints.append, 10)
        subscribe(MarkerArray, "/sim/objects", self._on_objects, 10)
        self.instruction = self.node.create_publisher(String, "/instruction", 10)
        self.action = ActionClient(self.node, ExecuteInstruction, "/bridge/execute")
        self.plan_trajectory = self.node.create_client(PlanTrajectory, "/bridge/plan_trajectory")
        self.stop = self.node.create_client(Trigger, "/bridge/stop")
        self.resume = self.node.create_client(Trigger, "/bridge/resume")
        self.go_home = self.node.create_client(Trigger, "/bridge/home")
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.closing = False
        self.thread = threading.Thread(target=self._spin)
        self.thread.start()

    def close(self) -> None:
        self.closing = True
        self.thread.join()
        self.action.destroy()  # The node does not, and after the node it would wait for ever.
        self.node.destroy_node()
        self.context.try_shutdown()

    def forget(self) -> None:
        """Drop what was heard, so that a test sees only what comes from now on."""
        for heard in (self.status, self.plans, self.trajectories, self.targets, self.joints):
            heard.clear()
        self.poses.clear()

    def say(self, sentence: str) -> None:
        """Publish a sentence once somebody listens, as `ros2 topic pub --once` does."""
        self.wait(lambda: self.instruction.get_subscription_count() > 0, 20.0, "a listener")
        self.instruction.publish(String(data=sentence))

    def call(self, client, request, timeout_s: float = 10.0):
        assert client.wait_for_service(timeout_sec=timeout_s)
        future = client.call_async(request)
        self.wait(future.done, timeout_s, "the service's answer")
        return future.result()

    def state(self, source: str) -> str:
        """The newest state that a node said."""
        return next((s.state for s in reversed(self.status) if s.source == source), "")

    def reason(self, source: str) -> str:
        """The reason of the newest state that a node said."""
        return next((s.reason for s in reversed(self.status) if s.source == source), "")

    def said(self, source: str, state: str) -> TaskStatus | None:
        """The newest status of a node in a state."""
        return next(
            (s for s in reversed(self.status) if (s.source, s.state) == (source, state)), None
        )

    def wait(self, condition, timeout_s: float, what: str) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            heard = [f"{s.source}: {s.state} {s.message}" for s in self.status[-8:]]
            assert time.monotonic() < deadline, f"{what} did not come; heard last: {heard}"
            time.sleep(0.02)

    def home(self) -> None:
        """Bring the arm home with open fingers, as it was at the start."""
        assert self.call(self.resume, Trigger.Request()).success
        self.poses.clear()
        assert self.call(self.go_home, Trigger.Request()).success
        self.wait(lambda: self.poses and self.poses[-1][1].pose.position.z > 0.3, 30, "home")
        self.wait(lambda: self.state("controller") in ("idle", "hold"), 20, "an idle controller")

    def speed(self) -> float:
        """The end effector's speed [m/s] over the last 0.1 s or so."""
        (t0, first), (t1, last) = self.poses[-4], self.poses[-1]
        a, b = first.pose.position, last.pose.position
        return float(np.linalg.norm([b.x - a.x, b.y - a.y, b.z - a.z]) / max(t1 - t0, 1e-3))

    def _on_status(self, message: TaskStatus) -> None:
        # To a newcomer the topic tells its past first; what holds still is said again every second.
        stamp = message.header.stamp
        if stamp.sec + stamp.nanosec * 1e-9 > self.since_s:
            self.status.append(message)

    def _on_pose(self, message: PoseStamped) -> None:
        self.poses.append((time.monotonic(), message))

    def _on_objects(self, message: MarkerArray) -> None:
        for marker in message.markers:
            p = marker.pose.position
            self.objects[marker.ns] = np.array([p.x, p.y, p.z])

    def _spin(self) -> None:
        while not self.closing:
            self.executor.spin_once(timeout_sec=0.05)
