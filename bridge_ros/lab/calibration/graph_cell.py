"""The live graph as a calibration sees it: the camera's topics, the hand's pose, and targets."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import numpy as np
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from numpy.typing import NDArray
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.errors import CameraError, ConfigError, HardwareError
from bridge_ros.geometry.box import ANYWHERE
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, distance_between, position_of, rotation_between
from bridge_ros.graph import GraphSession
from bridge_ros.lab.calibration.calibration_cell import Look
from bridge_ros.lab.calibration.calibration_settings import MotionSettings
from bridge_ros.lab.calibration.errors import MovingArmError
from bridge_ros.lab.calibration.latency import HeardStrokes, coarse
from bridge_ros.priority import run_in_foreground
from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import (
    color_from_msg,
    intrinsics_from_msg,
    pose_from_msg,
    pose_to_stamped,
    stamp_to_s,
)
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.status import ControllerState, Source
from bridge_ros.trajectory import PoseTrajectory, TrajectoryLimits, Workspace

_STATUS_PERIOD_S = 0.05
_MAX_POSE_AGE_S = 0.5
_POSE_TIMEOUT_S = 3.0
_PATIENCE = 4.0
_MAX_LAG_M, _MAX_LAG_RAD = 0.03, 0.15
_SAME_M, _SAME_RAD = 0.001, 0.002


class GraphCell:
    """Implements `CalibrationCell`; use as a context manager.

    It publishes targets from `move_to` on, until the next `release`: between two poses the arm
    stands under control. Whether the targets are safe is the controller's to decide, as always.
    """

    def __init__(self, settings: MotionSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._image: Image | None = None
        self._info: CameraInfo | None = None
        self._poses: deque[tuple[float, FloatArray]] = deque(maxlen=500)
        self._controller: TaskStatus | None = None
        self._motion: HeardStrokes | None = None
        self._trajectory: PoseTrajectory | None = None
        self._progress_s = 0.0
        self._ticked_s = 0.0

    def __enter__(self) -> GraphCell:
        with ExitStack() as ends:
            session = ends.enter_context(GraphSession(partial(Node, "calibrate")))
            self._join(session.node)
            # Targets that come late make the arm hold between two of them.
            session.spin_beside(run_in_foreground)
            ends.callback(self.release)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait for the camera and the arm.

        Raises:
            CameraError, HardwareError: if one stays silent.
        """
        deadline_s = time.monotonic() + timeout_s
        while time.monotonic() < deadline_s:
            if self._image is not None and self._info is not None and self._poses:
                return
            time.sleep(_STATUS_PERIOD_S)
        if not self._poses:
            raise HardwareError(
                f"nothing is heard on {topics.EE_POSE}: expected a running controller; "
                "start the graph (bridge-ros up), and see /bridge/status"
            )
        raise CameraError(
            f"nothing is heard on {topics.COLOR_IMAGE} and its camera_info: expected a running "
            "camera node; start the graph (bridge-ros up), and see /diagnostics"
        )

    @property
    def intrinsics(self) -> Intrinsics:
        """See `CalibrationCell`.

        Raises:
            ConfigError: for a camera whose pictures are distorted.
        """
        info = self._info
        assert info is not None, "wait_ready saw to it"
        if np.abs(np.array(info.d)).max(initial=0.0) > 1e-3:
            raise ConfigError(
                f"camera_info: expected pictures without distortion, got {list(info.d)}; "
                "bridge_ros takes the camera for a pinhole, as a D435's colour camera is"
            )
        return intrinsics_from_msg(info)

    def ee_pose(self) -> FloatArray:
        """See `CalibrationCell`; waits for a fresh one."""
        deadline_s = time.monotonic() + _POSE_TIMEOUT_S
        while True:
            with self._lock:
                stamp_s, pose = self._poses[-1]
            age_s = clock_s(self._node) - stamp_s
            if age_s <= _MAX_POSE_AGE_S:
                return pose
            if time.monotonic() > deadline_s:
                raise HardwareError(
                    f"{topics.EE_POSE} is {age_s:.1f} s old; is the controller running? "
                    f"It said: {self._controller_says()}"
                )
            time.sleep(_STATUS_PERIOD_S)

    def picture(self) -> NDArray[np.uint8]:
        """See `CalibrationCell`."""
        image = self._image
        assert image is not None, "wait_ready saw to it"
        return color_from_msg(image)

    def look(self) -> Look:
        """See `CalibrationCell`: the picture's stamp lies within the time of rest."""
        deadline_s = time.monotonic() + self._settings.timeout_s
        moved = "no pose of the hand is heard"
        while time.monotonic() < deadline_s:
            image = self._image
            assert image is not None, "wait_ready saw to it"
            stamp_s = stamp_to_s(image.header.stamp)
            window = self._window(stamp_s)
            if len(window) > 1:
                poses = [pose for _, pose in window]
                shift_m = float(np.ptp([position_of(pose) for pose in poses], axis=0).max())
                turn_rad = max(rotation_between(poses[0], pose) for pose in poses)
                if shift_m <= self._settings.rest_m and turn_rad <= self._settings.rest_rad:
                    _, nearest = min(window, key=lambda heard: abs(heard[0] - stamp_s))
                    return Look(rgb=color_from_msg(image), ee_pose=nearest)
                moved = f"{1e3 * shift_m:.1f} mm and {np.degrees(turn_rad):.2f} degrees"
            time.sleep(_STATUS_PERIOD_S)
        age_s = clock_s(self._node) - stamp_s
        if age_s > self._settings.timeout_s / 2:
            raise CameraError(f"camera: the newest picture is {age_s:.1f} s old")
        raise MovingArmError(
            f"view: the hand moved when the picture was taken ({moved} in "
            f"{self._settings.rest_s:g} s); hold it still, or let it come to rest"
        )

    def move_to(self, pose: FloatArray) -> None:
        """See `CalibrationCell`."""
        self._check_controller()
        target = self._target()
        start = self.ee_pose() if target is None else target
        shift_m, turn_rad = distance_between(start, pose), rotation_between(start, pose)
        if shift_m < _SAME_M and turn_rad < _SAME_RAD:
            return
        trajectory = self._way(start, pose)
        with self._lock:
            self._trajectory, self._progress_s = trajectory, 0.0
        self._wait_for_arrival(pose, trajectory.duration_s)

    @contextmanager
    def recorded(self) -> Iterator[HeardStrokes]:
        """Keep what is heard and sent while the context lasts."""
        motion = HeardStrokes()
        with self._lock:
            self._motion = motion
        try:
            yield motion
        finally:
            with self._lock:
                self._motion = None

    def release(self) -> None:
        """Publish no more targets: the controller holds, and after a while lets the robot do so."""
        with self._lock:
            self._trajectory = None

    def _way(self, start: FloatArray, end: FloatArray) -> PoseTrajectory:
        settings = self._settings
        return PoseTrajectory.fit(
            start,
            end[None],
            start_width=0.0,
            end_width=0.0,
            limits=TrajectoryLimits(
                max_linear_velocity_m_s=settings.speed_m_s,
                max_linear_acceleration_m_s2=2.0 * settings.speed_m_s,
                max_angular_velocity_rad_s=settings.turn_rad_s,
                max_angular_acceleration_rad_s2=2.0 * settings.turn_rad_s,
                settle_s=0.0,
                dwell_s=0.0,
            ),
            # The controller has the say about the workspace, and guided poses have a box of theirs.
            workspace=Workspace(min_m=ANYWHERE.min_m, max_m=ANYWHERE.max_m),
        )

    def _wait_for_arrival(self, pose: FloatArray, duration_s: float) -> None:
        deadline_s = time.monotonic() + _PATIENCE * duration_s + self._settings.timeout_s
        while True:
            self._check_controller()
            away_m = distance_between(self.ee_pose(), pose)
            if self._progress_s >= duration_s and away_m <= self._settings.arrived_m:
                return
            if time.monotonic() > deadline_s:
                raise HardwareError(
                    f"the arm stays {1e3 * away_m:.0f} mm from where it should be; the controller "
                    f"says: {self._controller_says()}"
                )
            time.sleep(_STATUS_PERIOD_S)

    def _check_controller(self) -> None:
        status = self._controller
        if status is None:
            return
        state = ControllerState.read(status.state)
        if state is None or not state.may_move:
            raise HardwareError(f"the controller does not move: {self._controller_says()}")

    def _controller_says(self) -> str:
        status = self._controller
        return "nothing" if status is None else f"{status.state} - {status.message}"

    def _window(self, stamp_s: float) -> list[tuple[float, FloatArray]]:
        """The hand's poses and their times since before a picture; none if they do not span it."""
        before_s = stamp_s - self._settings.rest_s
        with self._lock:
            poses = list(self._poses)
        if not poses or poses[0][0] > before_s or poses[-1][0] < stamp_s:
            return []
        return [(at_s, pose) for at_s, pose in poses if at_s >= before_s]

    def _target(self) -> FloatArray | None:
        """`(7,)` where the hand should be now; None while no targets are published."""
        with self._lock:
            trajectory, progress_s = self._trajectory, self._progress_s
        return None if trajectory is None else trajectory.sample(progress_s)[0]

    def _advance(self, target: FloatArray) -> None:
        """Go on along the trajectory, unless the arm is behind: it would be left for good."""
        now_s = time.monotonic()
        passed_s, self._ticked_s = now_s - self._ticked_s, now_s
        with self._lock:
            pose = self._poses[-1][1]
            lag_m = distance_between(pose, target)
            if lag_m < _MAX_LAG_M and rotation_between(pose, target) < _MAX_LAG_RAD:
                self._progress_s += min(passed_s, 2.0 * CONTROL_PERIOD_S)

    def _publish_target(self) -> None:
        target = self._target()
        if target is not None:
            self._advance(target)
            target = self._target()
        if target is not None:
            stamp = self._node.get_clock().now().to_msg()
            with self._lock:
                if self._motion is not None:
                    self._motion.targets.append((stamp_to_s(stamp), target))
            self._targets.publish(pose_to_stamped(target, frame_id=topics.BASE_FRAME, stamp=stamp))

    def _join(self, node: Node) -> None:
        """Create what the cell speaks and hears by."""
        self._node = node
        node.create_subscription(Image, topics.COLOR_IMAGE, self._on_image, topics.SENSOR)
        node.create_subscription(CameraInfo, topics.COLOR_INFO, self._on_info, topics.SENSOR)
        node.create_subscription(PoseStamped, topics.EE_POSE, self._on_pose, topics.RELIABLE)
        node.create_subscription(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        self._targets = node.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        node.create_timer(CONTROL_PERIOD_S, self._publish_target)

    def _on_image(self, message: Image) -> None:
        self._image = message
        with self._lock:
            motion = self._motion
        if motion is not None:
            seen = coarse(color_from_msg(message))
            motion.pictures.append((stamp_to_s(message.header.stamp), seen))

    def _on_info(self, message: CameraInfo) -> None:
        self._info = message

    def _on_pose(self, message: PoseStamped) -> None:
        heard = (stamp_to_s(message.header.stamp), pose_from_msg(message.pose))
        with self._lock:
            self._poses.append(heard)
            if self._motion is not None:
                self._motion.poses.append(heard)

    def _on_status(self, message: TaskStatus) -> None:
        if message.source == Source.CONTROLLER:
            self._controller = message
