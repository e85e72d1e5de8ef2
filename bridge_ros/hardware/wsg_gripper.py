"""The Weiss WSG 50 of UMI: keeps a connection and streams the newest width to it."""

from __future__ import annotations

import time

from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.reconnecting_gripper import ReconnectingGripper
from bridge_ros.hardware.wsg_connection import WsgConnection
from bridge_ros.hardware.wsg_protocol import Measurement, PositionPd, StateFlag

KP = 15.0
"""Gain of the gripper's script: its speed is this times the distance to go [1/s]."""
_KD = 1e-3


class WsgGripper(ReconnectingGripper):
    """Drives a WSG in a thread of its own; implements `Gripper`.

    Connects, acknowledges faults and references the fingers as the settings say; then sends a
    position-PD command at `rate_hz` and takes its measurement. Until somebody asks for a width
    after the first connection, it only measures. The commanded position is never further ahead of
    the fingers than `max_speed_m_s / kp`, which bounds their speed, for the script's speed is kp
    times the distance.
    """

    def __init__(self, settings: GripperSettings) -> None:
        super().__init__(settings, f"WSG at {settings.host}:{settings.port}")

    def _serve(self) -> None:
        settings = self._settings
        connection = WsgConnection(settings.host, settings.port, settings.timeout_s)
        try:
            self._prepare(connection)
            self._stream(connection)
        finally:
            connection.close()

    def _prepare(self, connection: WsgConnection) -> None:
        connection.acknowledge_fault()
        referenced = bool(connection.measure().state & StateFlag.REFERENCED)
        home = self._settings.home
        if home == "always" or (home == "if_needed" and not referenced):
            self._say("WSG: referencing its fingers")
            connection.home(self._settings.home_timeout_s)

    def _stream(self, connection: WsgConnection) -> None:
        period_s = 1.0 / self._settings.rate_hz
        measurement = connection.measure()
        due_s = time.monotonic()
        while not self._closing.is_set():
            goal_m = self._exchange(_state(measurement))
            due_s = max(due_s + period_s, time.monotonic())
            self._closing.wait(max(0.0, due_s - time.monotonic()))
            if goal_m is None:
                measurement = connection.measure()
            else:
                measurement = connection.track(self._command(goal_m, measurement.width_m))
        connection.stop()

    def _command(self, goal_m: float, width_m: float) -> PositionPd:
        return PositionPd(
            width_m=width_m + lead(goal_m - width_m, self._settings.max_speed_m_s),
            velocity_m_s=0.0,
            kp=KP,
            kd=_KD,
            travel_force_n=self._settings.force_n,
            blocked_force_n=self._settings.force_n,
        )


def lead(to_go_m: float, max_speed_m_s: float) -> float:
    """How far ahead of the fingers to command [m], of what is left to go, for at most a speed."""
    furthest_m = max_speed_m_s / KP
    return min(max(to_go_m, -furthest_m), furthest_m)


def _state(measurement: Measurement) -> GripperState:
    return GripperState(
        width_m=measurement.width_m,
        speed_m_s=measurement.speed_m_s,
        force_n=measurement.force_n,
        moving=bool(measurement.state & StateFlag.MOVING),
    )
