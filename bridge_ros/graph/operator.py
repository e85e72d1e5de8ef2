"""A person's place in the graph: gives sentences, hears what every part says, records motion."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from bridge_interfaces.action import ExecuteInstruction
from bridge_interfaces.msg import PoseTrajectory, TaskStatus, WaypointPlan
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped
from numpy.typing import NDArray
from rclpy.action import ActionClient
from rclpy.node import Node
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float64
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from bridge_ros.errors import BridgeError, CameraError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.graph.session import GraphSession
from bridge_ros.priority import run_in_background
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import (
    color_from_msg,
    intrinsics_from_msg,
    pose_from_msg,
    stamp_to_s,
)
from bridge_ros.ros.liveness import LivenessWatch
from bridge_ros.status import (
    ControllerState,
    ExpertState,
    Source,
    TaskOutcome,
    TaskState,
    TrajectoryState,
)

READY_STATES: dict[Source, tuple[str, ...]] = {
    Source.CONTROLLER: (ControllerState.IDLE, ControllerState.HOLD),
    Source.PLANNER: tuple(state for state in TaskState if not state.busy),
    Source.EXPERT: (ExpertState.IDLE,),
    Source.TRAJECTORY: (TrajectoryState.IDLE, TrajectoryState.FAILED),
}
_PICTURE_PERIOD_S = 0.5
_GRACE_S = 2.0
"""A person's command may wait where the controller must not; nothing moves because of it."""
_CAMERA_SILENCE_S = 1.0
_STATUS_SILENCE_S = 3.0
"""To a newcomer the topic tells its past first; a state that holds is said again every second."""


@dataclass
class Recording:
    """What was seen on the public topics; times are the messages' own stamps, epoch seconds."""

    status: list[TaskStatus] = field(default_factory=list)
    plans: list[WaypointPlan] = field(default_factory=list)
    trajectories: list[PoseTrajectory] = field(default_factory=list)
    target_times_s: list[float] = field(default_factory=list)
    target_poses: list[FloatArray] = field(default_factory=list)
    target_widths: list[tuple[float, float]] = field(default_factory=list)
    measured_times_s: list[float] = field(default_factory=list)
    measured_poses: list[FloatArray] = field(default_factory=list)
    widths: list[tuple[float, float]] = field(default_factory=list)
    pictures: list[tuple[float, NDArray[np.uint8]]] = field(default_factory=list)
    diagnostics: dict[str, dict[str, str]] = field(default_factory=dict)
    intrinsics: Intrinsics | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a sentence ended."""

    success: bool
    outcome: TaskOutcome
    message: str


class Operator:
    """Gives instructions and records, from its own thread; use as a context manager."""

    def __init__(self, *, record: bool = False) -> None:
        self.recording = Recording()
        self.on_status: Callable[[TaskStatus], None] = lambda _: None
        self._record = record
        self._latest: dict[str, TaskStatus] = {}
        self._objects: dict[str, FloatArray] = {}
        self._recent_pictures: deque[tuple[float, Image]] = deque(maxlen=40)
        self._heard_camera_s = -math.inf
        self._lock = threading.Lock()

    def __enter__(self) -> Operator:
        with ExitStack() as ends:
            session = ends.enter_context(GraphSession(partial(Node, "operator")))
            self._node = session.node
            self._join(session)
            session.spin_beside(run_in_background)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def not_ready(self) -> list[str]:
        """What still keeps a sentence from being carried out, in words; empty when all is ready."""
        missing = self._watch.missing()
        with self._lock:
            latest = dict(self._latest)
        reasons = [f"{name}: not running" for name in missing]
        for name, states in READY_STATES.items():
            status = latest.get(name)
            if name in missing:
                continue
            if status is None or time.time() - stamp_to_s(status.header.stamp) > _STATUS_SILENCE_S:
                reasons.append(f"{name}: silent")
            elif status.state not in states:
                reasons.append(f"{name}: {status.state} {status.message}".rstrip())
        if (
            Source.CAMERA not in missing
            and time.monotonic() - self._heard_camera_s > _CAMERA_SILENCE_S
        ):
            reasons.append("camera: no images")
        if not self._client.server_is_ready():
            reasons.append("planner: its action server is not there")
        return reasons

    def wait_ready(self, timeout_s: float, broken: Callable[[], str | None] = lambda: None) -> None:
        """Wait until every node is there and idle.

        Args:
            broken: says why waiting is in vain; None while it is not.

        Raises:
            BridgeError: which names the nodes that are not ready.
        """
        deadline = time.monotonic() + timeout_s
        while reasons := self.not_ready():
            if why := broken():
                raise BridgeError(why)
            if time.monotonic() > deadline:
                raise BridgeError(f"not ready after {timeout_s:g} s: " + "; ".join(reasons))
            time.sleep(0.1)

    def latest_status(self, source: str) -> TaskStatus | None:
        """The newest status of a node."""
        with self._lock:
            return self._latest.get(source)

    def objects(self) -> dict[str, FloatArray]:
        """The simulator's true object poses by name, base frame; empty without a simulator."""
        with self._lock:
            return dict(self._objects)

    def execute(self, instruction: str, timeout_s: float) -> Outcome:
        """Send a sentence through /bridge/execute and wait for its end.

        On a time-out or Ctrl-C the task is cancelled first, which stops the arm.
        """
        if not self._client.wait_for_server(timeout_sec=10.0):
            raise BridgeError("no planner answers on /bridge/execute; is the deployment running?")
        sent = self._client.send_goal_async(ExecuteInstruction.Goal(instruction=instruction))
        handle = _await(sent, 10.0, "the planner did not answer the instruction")
        if not handle.accepted:
            return Outcome(
                success=False, outcome=TaskOutcome.REJECTED, message=self._why(Source.PLANNER)
            )
        result_future = handle.get_result_async()
        deadline = time.monotonic() + timeout_s
        try:
            while not result_future.done():
                if Source.PLANNER in self._watch.missing():
                    message = "the planner was lost, and the task with it"
                    return Outcome(success=False, outcome=TaskOutcome.LOST, message=message)
                if time.monotonic() > deadline:
                    raise BridgeError(f"not done after {timeout_s:g} s")
                time.sleep(0.02)
        except (BridgeError, KeyboardInterrupt):
            _await(handle.cancel_goal_async(), 5.0, "the planner did not answer the cancellation")
            raise
        result = result_future.result().result
        ended = TaskOutcome.read(result.outcome)
        if ended is None:
            raise BridgeError(
                f"outcome: expected one of {list(map(str, TaskOutcome))}, got {result.outcome!r}"
            )
        return Outcome(success=result.success, outcome=ended, message=result.message)

    def call(self, service: str) -> bool:
        """Ask the controller for /bridge/home or /bridge/resume; whether it will do so.

        Raises:
            BridgeError: if it does not answer.
        """
        asked = self._services[service].call_async(Trigger.Request())
        return bool(_await(asked, 10.0, f"nobody answers on {service}").success)

    def forget(self) -> None:
        """Begin a new recording."""
        self.recording = Recording()

    def _why(self, source: str) -> str:
        status = self.latest_status(source)
        return status.message if status else ""

    def _join(self, session: GraphSession[Node]) -> None:
        """Create what the operator speaks and hears by."""
        node = session.node
        self._client = ActionClient(node, ExecuteInstruction, topics.EXECUTE)
        self._services = {
            name: node.create_client(Trigger, name) for name in (topics.HOME, topics.RESUME)
        }
        self._watch = session.own(
            LivenessWatch(node, [*READY_STATES, Source.CAMERA], grace_s=_GRACE_S)
        )
        subscribe = node.create_subscription
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(MarkerArray, topics.SIM_OBJECTS, self._on_objects, topics.RELIABLE)
        subscribe(CameraInfo, topics.COLOR_INFO, self._on_info, topics.COMMAND)
        if self._record:
            subscribe(WaypointPlan, topics.PLAN, self._on_plan, topics.RELIABLE)
            subscribe(PoseTrajectory, topics.TRAJECTORY, self._on_trajectory, topics.RELIABLE)
            subscribe(PoseStamped, topics.TARGET_POSE, self._on_target, topics.EVERY_MESSAGE)
            subscribe(Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.EVERY_MESSAGE)
            subscribe(PoseStamped, topics.EE_POSE, self._on_pose, topics.EVERY_MESSAGE)
            subscribe(JointState, topics.JOINT_STATES, self._on_joints, topics.COMMAND)
            subscribe(Image, topics.COLOR_IMAGE, self._on_image, topics.COMMAND)
            subscribe(DiagnosticArray, topics.DIAGNOSTICS, self._on_diagnostics, topics.RELIABLE)

    def _on_status(self, message: TaskStatus) -> None:
        with self._lock:
            previous = self._latest.get(message.source)
            self._latest[message.source] = message
        if previous is None or _said(previous) != _said(message):
            self.recording.status.append(message)
        self.on_status(message)

    def _on_objects(self, message: MarkerArray) -> None:
        with self._lock:
            self._objects = {m.ns: pose_from_msg(m.pose) for m in message.markers}

    def _on_info(self, message: CameraInfo) -> None:
        self._heard_camera_s = time.monotonic()
        if self.recording.intrinsics is None:
            try:
                self.recording.intrinsics = intrinsics_from_msg(message)
            except BridgeError as error:
                self._node.get_logger().warning(str(error), throttle_duration_sec=5.0)

    def _on_plan(self, message: WaypointPlan) -> None:
        self.recording.plans.append(message)
        stamp_s = stamp_to_s(message.header.stamp)
        for picture_s, image in self._recent_pictures:
            if abs(picture_s - stamp_s) < 1e-3:
                self._keep_picture(picture_s, image)

    def _on_trajectory(self, message: PoseTrajectory) -> None:
        self.recording.trajectories.append(message)

    def _on_target(self, message: PoseStamped) -> None:
        self.recording.target_times_s.append(stamp_to_s(message.header.stamp))
        self.recording.target_poses.append(pose_from_msg(message.pose))

    def _on_width(self, message: Float64) -> None:
        self.recording.target_widths.append((time.time(), message.data))

    def _on_pose(self, message: PoseStamped) -> None:
        self.recording.measured_times_s.append(stamp_to_s(message.header.stamp))
        self.recording.measured_poses.append(pose_from_msg(message.pose))

    def _on_joints(self, message: JointState) -> None:
        fingers = message.position[7:]
        if fingers:
            self.recording.widths.append((stamp_to_s(message.header.stamp), float(sum(fingers))))

    def _on_image(self, message: Image) -> None:
        stamp_s = stamp_to_s(message.header.stamp)
        self._recent_pictures.append((stamp_s, message))
        kept = self.recording.pictures
        if not kept or stamp_s - kept[-1][0] >= _PICTURE_PERIOD_S:
            self._keep_picture(stamp_s, message)

    def _keep_picture(self, stamp_s: float, message: Image) -> None:
        try:
            self.recording.pictures.append((stamp_s, color_from_msg(message)))
        except CameraError as error:
            self._node.get_logger().warning(str(error), throttle_duration_sec=5.0)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            figures = {value.key: value.value for value in status.values}
            self.recording.diagnostics[status.hardware_id] = figures


def _said(status: TaskStatus) -> tuple[str, ...]:
    """What makes a status one that was not heard before."""
    return status.state, status.reason, status.message, status.plan_id


def _await(future: Future, timeout_s: float, otherwise: str):  # type: ignore[no-untyped-def]
    """Wait for a future that the operator's thread completes. Raises BridgeError(`otherwise`)."""
    deadline = time.monotonic() + timeout_s
    while not future.done():
        if time.monotonic() > deadline:
            raise BridgeError(otherwise)
        time.sleep(0.02)
    return future.result()
