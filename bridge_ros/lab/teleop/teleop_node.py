"""Publishes a person's targets on the topics, and at the rate, of the action expert."""

from __future__ import annotations

from collections import deque

import numpy as np
from geometry_msgs.msg import PoseStamped
from rclpy.context import Context
from rclpy.node import Node
from std_msgs.msg import Float64
from std_srvs.srv import Trigger

from bridge_ros.errors import BridgeError, HardwareError, StaleObservationError
from bridge_ros.geometry.poses import position_of
from bridge_ros.graph.task_watch import TaskWatch
from bridge_ros.lab.teleop.device import Command, Deflection, Device
from bridge_ros.lab.teleop.hand_target import HandTarget
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings
from bridge_ros.ros import topics
from bridge_ros.ros.arm_intake import ArmIntake, CommandIntake
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.conversions import pose_to_stamped
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.status import ControllerState, Source
from bridge_ros.trajectory.start_of_motion import StartOfMotion

_MAX_STATE_AGE_S = 0.5
_MAX_TARGET_AGE_S = 0.3
_FOREIGN_S = 0.5


class TeleopNode(Node):
    """Drives the arm while the device is deflected, and is silent otherwise: the arm then holds.

    Subscribes: ee_pose, joint_states, status, and target_pose (for those of others).
    Publishes: target_pose (PoseStamped, base frame) at 20 Hz, and target_gripper_width (Float64,
        [m]) once the person has moved the gripper. Whether they are safe is the controller's to
        decide, as always.

    Attributes:
        ended: why it is over; None while it is not.
        published: how many targets.
    """

    def __init__(
        self,
        device: Device,
        settings: TeleopSettings,
        stroke_m: float,
        context: Context | None = None,
    ) -> None:
        super().__init__("teleop", context=context)
        self.ended: str | None = None
        self.published = 0
        self._device = device
        self._settings = settings
        self._stroke_m = stroke_m
        self._target: HandTarget | None = None
        self._width_m: float | None = None
        self._ticked_s = 0.0
        self._own_stamps: deque[tuple[int, int]] = deque(maxlen=100)
        self._foreign_s = -np.inf
        self._start = StartOfMotion(
            max_target_age_s=_MAX_TARGET_AGE_S, max_state_age_s=_MAX_STATE_AGE_S
        )
        self._arm = ArmIntake(self, self._start.observe_arm)
        CommandIntake(self, self._start)
        self._tasks = TaskWatch(self)
        self.create_subscription(
            PoseStamped, topics.TARGET_POSE, self._on_target, topics.EVERY_MESSAGE
        )
        self._pose_pub = self.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        self._width_pub = self.create_publisher(
            Float64, topics.TARGET_GRIPPER_WIDTH, topics.COMMAND
        )
        self._stop_client = self.create_client(Trigger, topics.STOP)

    def start(self) -> None:
        """Begin to listen to the device; after `obstacle` had nothing to say for a second."""
        self._timer = self.create_timer(CONTROL_PERIOD_S, self._on_tick)

    def obstacle(self) -> str:
        """Why a person may not drive now; empty when nothing is in the way."""
        controller = self._tasks.status(Source.CONTROLLER)
        if controller is None or self._arm.newest is None:
            return "nothing is heard of the controller and the arm; is the graph running?"
        state = ControllerState.read(controller.state)
        if state is None or not state.may_move:
            return f"the controller does not move: {controller.state} - {controller.message}"
        return self.rival()

    def rival(self) -> str:
        """Who else drives the arm; empty for nobody."""
        if busy := self._tasks.busy():
            return busy
        if clock_s(self) - self._foreign_s < _FOREIGN_S:
            return f"somebody else publishes on {topics.TARGET_POSE}"
        return ""

    def in_words(self) -> str:
        """What is going on, for the terminal."""
        controller, arm = self._tasks.status(Source.CONTROLLER), self._arm.newest
        said = f"{controller.state}: {controller.message}" if controller else "not heard"
        where = "" if arm is None else f"{position_of(arm.ee_pose).round(3).tolist()} m"
        return f"{'moving' if self._target else 'let go'}; hand {where}; controller {said}"

    def _on_tick(self) -> None:
        now_s = clock_s(self)
        passed_s, self._ticked_s = min(now_s - self._ticked_s, 2.0 * CONTROL_PERIOD_S), now_s
        try:
            deflection = self._device.read(now_s)
            self._obey(self._device.commands())
        except HardwareError as error:
            self.ended, deflection = str(error), None
        if self.ended is None and (rival := self.rival()):
            self.ended = f"{rival}; let go of the arm"
        if self.ended is not None or deflection is None:
            self._let_go()
            return
        try:
            self._drive(deflection, passed_s, now_s)
        except BridgeError as error:
            self._let_go()
            self.get_logger().warning(str(error), throttle_duration_sec=2.0)

    def _drive(self, deflection: Deflection, passed_s: float, now_s: float) -> None:
        pose, width_m = self._start.at(now_s)
        measured = self._arm.newest
        if measured is None or now_s - measured.stamp_s > _MAX_STATE_AGE_S:
            raise StaleObservationError("it is not known where the arm is; is the controller up?")
        if self._target is None:
            self._target = HandTarget(self._settings, pose)
            self._target.width_m = self._width_m
        target = self._target
        target.advance(deflection, passed_s, measured.ee_pose, width_m, self._stroke_m)
        message = pose_to_stamped(
            target.pose, frame_id=topics.BASE_FRAME, stamp=self.get_clock().now().to_msg()
        )
        self._own_stamps.append((message.header.stamp.sec, message.header.stamp.nanosec))
        self._pose_pub.publish(message)
        if target.width_m is not None:
            self._width_pub.publish(Float64(data=target.width_m))
        self.published += 1

    def _let_go(self) -> None:
        if self._target is not None:
            self._width_m = self._target.width_m
        self._target = None

    def _obey(self, commands: list[Command]) -> None:
        if Command.STOP in commands:
            self._stop_client.call_async(Trigger.Request())
        if Command.QUIT in commands:
            self.ended = ""

    def _on_target(self, message: PoseStamped) -> None:
        if (message.header.stamp.sec, message.header.stamp.nanosec) not in self._own_stamps:
            self._foreign_s = clock_s(self)
