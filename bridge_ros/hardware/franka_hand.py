"""The Franka Hand: keeps a connection and brings the fingers to the newest width."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.franka_hand_connection import FrankaHandConnection, HandMeasurement
from bridge_ros.hardware.franky_connection import HAND_PORT, FrankyConnector
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.reconnecting_gripper import ReconnectingGripper

if TYPE_CHECKING:
    from franky import Gripper

_SAME_M = 0.001
"""Widths closer than this are one: the hand takes a tenth of a second for the least motion."""
_BLOCKED_M = 0.003
_UNREFERENCED_M = 0.01


class FrankaHand(ReconnectingGripper):
    """Drives a Franka Hand, which is no streaming device; implements `Gripper`.

    It carries out one motion after another and only `halt` breaks one off, so that of the widths
    asked for meanwhile only the newest counts. Where closing fingers are kept from a width,
    something is between them, and is gripped with the force of the settings until a wider opening
    is asked for.
    """

    def __init__(self, settings: GripperSettings) -> None:
        super().__init__(settings, f"Franka Hand at {settings.host}")
        self._connector = FrankyConnector(
            lambda: _make_hand(settings.host),
            name=self._name,
            host=settings.host,
            port=HAND_PORT,
            timeout_s=settings.timeout_s,
            advice="is it mounted, set as end effector in Desk, and no other client connected?",
        )
        self._commanded_m: float | None = None
        self._gripping = False
        self._before = (0.0, 0.0)
        self._halting = threading.Event()

    def halt(self) -> None:
        """See `Gripper`."""
        with self._lock:
            self._goal_m = None
        self._halting.set()

    def set_width(self, width_m: float) -> None:
        """See `Gripper`."""
        self._halting.clear()
        super().set_width(width_m)

    def _serve(self) -> None:
        settings = self._settings
        connection = FrankaHandConnection(
            self._connector.connect(), settings.host, settings.timeout_s
        )
        try:
            if not self._halting.is_set():
                self._prepare(connection)
            self._commanded_m, self._gripping = None, connection.measure().is_grasped
            while not self._closing.wait(1.0 / settings.rate_hz):
                measured = connection.measure()
                connection.poll()
                if connection.busy and self._halting.is_set():
                    # Hanging up stops the fingers, and no end of a motion is waited for.
                    return
                goal_m = self._exchange(self._as_state(measured, connection.busy))
                if goal_m is not None and not connection.busy:
                    self._pursue(goal_m, measured, connection)
        finally:
            connection.close()

    def _prepare(self, connection: FrankaHandConnection) -> None:
        home = self._settings.home
        unreferenced = connection.measure().max_width_m < _UNREFERENCED_M
        if home == "never" or (home == "if_needed" and not unreferenced):
            return
        self._say(f"{self._name}: referencing its fingers")
        connection.home(self._settings.home_timeout_s)
        while connection.busy and not self._closing.wait(1.0 / self._settings.rate_hz):
            connection.poll()
        if connection.refusal:
            raise HardwareError(f"{self._name}: {connection.refusal}")

    def _pursue(
        self, goal_m: float, measured: HandMeasurement, connection: FrankaHandConnection
    ) -> None:
        """Begin whatever brings the fingers to the goal, if anything still can."""
        settings = self._settings
        limit_s = 2.0 * settings.stroke_m / settings.max_speed_m_s + settings.timeout_s
        blocked = measured.width_m - goal_m > _BLOCKED_M
        if self._gripping and self._holds(measured) and goal_m < measured.width_m + _SAME_M:
            if connection.refusal:
                raise HardwareError(f"{self._name}: {connection.refusal}")
            return
        if self._commanded_m is None or abs(goal_m - self._commanded_m) > _SAME_M:
            self._commanded_m, self._gripping = goal_m, False
            connection.move(goal_m, settings.max_speed_m_s, limit_s)
        elif blocked:
            self._gripping = True
            connection.grasp(goal_m, settings.max_speed_m_s, settings.force_n, limit_s)
        elif connection.refusal:
            raise HardwareError(f"{self._name}: {connection.refusal}")

    def _holds(self, measured: HandMeasurement) -> bool:
        """Whether something is still between gripping fingers, which would have closed else."""
        commanded_m = self._commanded_m
        return commanded_m is None or measured.width_m - commanded_m > _BLOCKED_M

    def _as_state(self, measured: HandMeasurement, moving: bool) -> GripperState:
        """The hand tells neither speed nor force: that of its last motion, and the grip's."""
        (before_s, before_m), now_s = self._before, time.monotonic()
        self._before = (now_s, measured.width_m)
        return GripperState(
            width_m=measured.width_m,
            speed_m_s=(measured.width_m - before_m) / (now_s - before_s) if moving else 0.0,
            force_n=self._settings.force_n if measured.is_grasped else 0.0,
            moving=moving,
        )


def _make_hand(host: str) -> Gripper:
    import franky

    return franky.Gripper(host)
