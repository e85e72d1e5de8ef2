"""The Weiss WSG 50 of UMI: keeps a connection and streams the newest width to it."""

from __future__ import annotations

import threading
import time

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.gripper import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.width import checked_width
from bridge_ros.hardware.wsg_connection import WsgConnection
from bridge_ros.hardware.wsg_protocol import Measurement, PositionPd, StateFlag

_KP = 15.0
_KD = 1e-3
_FIRST_RETRY_S = 0.25
_LAST_RETRY_S = 2.0


class WsgGripper:
    """Drives a WSG in a thread of its own; implements `Gripper`.

    Connects, acknowledges faults and references the fingers as the settings say; then sends a
    position-PD command at `rate_hz` and takes its measurement. On any error it hangs up, waits a
    little longer each time, and connects anew; until somebody asks for a width after the first
    connection, it only measures. The commanded position is never further ahead of the fingers than
    `max_speed_m_s / kp`, which bounds their speed, for the script's speed is kp times the distance.
    """

    def __init__(self, settings: GripperSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._goal_m: float | None = None
        self._measurement: Measurement | None = None
        self._measured_s = 0.0
        self._trouble = f"WSG at {settings.host}:{settings.port}: not connected yet"

    def start(self) -> None:
        """See `Gripper`."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._run, name="wsg-gripper", daemon=True)
            self._thread.start()

    def set_width(self, width_m: float) -> None:
        """See `Gripper`."""
        checked_m = checked_width(width_m, self._settings.stroke_m)
        with self._lock:
            self._goal_m = checked_m

    def state(self) -> GripperState:
        """See `Gripper`."""
        with self._lock:
            measurement, age_s = self._measurement, time.monotonic() - self._measured_s
            trouble = self._trouble
        if measurement is None or age_s > self._settings.max_age_s:
            raise HardwareError(trouble)
        return GripperState(
            width_m=measurement.width_m,
            speed_m_s=measurement.speed_m_s,
            force_n=measurement.force_n,
            moving=bool(measurement.state & StateFlag.MOVING),
        )

    def close(self) -> None:
        """See `Gripper`; waits for the thread, at most for the timeouts of the settings."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._closing.is_set():
            try:
                connection = WsgConnection(
                    self._settings.host, self._settings.port, self._settings.timeout_s
                )
            except HardwareError as error:
                self._report(error)
            else:
                try:
                    self._prepare(connection)
                    retry_s = _FIRST_RETRY_S
                    self._stream(connection)
                except HardwareError as error:
                    self._report(error)
                finally:
                    connection.close()
            self._closing.wait(retry_s)
            retry_s = min(2.0 * retry_s, _LAST_RETRY_S)

    def _report(self, error: HardwareError) -> None:
        with self._lock:
            self._trouble = str(error)
            self._measurement = None

    def _prepare(self, connection: WsgConnection) -> None:
        connection.acknowledge_fault()
        referenced = bool(connection.measure().state & StateFlag.REFERENCED)
        home = self._settings.home
        if home == "always" or (home == "if_needed" and not referenced):
            with self._lock:
                self._trouble = "WSG: referencing its fingers"
            connection.home(self._settings.home_timeout_s)

    def _stream(self, connection: WsgConnection) -> None:
        period_s = 1.0 / self._settings.rate_hz
        measurement = connection.measure()
        due_s = time.monotonic()
        while not self._closing.is_set():
            with self._lock:
                self._measurement, self._measured_s = measurement, time.monotonic()
                self._trouble = "WSG: its last measurement is too old"
                goal_m = self._goal_m
            due_s = max(due_s + period_s, time.monotonic())
            self._closing.wait(max(0.0, due_s - time.monotonic()))
            if goal_m is None:
                measurement = connection.measure()
            else:
                measurement = connection.track(self._command(goal_m, measurement.width_m))
        connection.stop()

    def _command(self, goal_m: float, width_m: float) -> PositionPd:
        lead_m = self._settings.max_speed_m_s / _KP
        return PositionPd(
            width_m=width_m + min(max(goal_m - width_m, -lead_m), lead_m),
            velocity_m_s=0.0,
            kp=_KP,
            kd=_KD,
            travel_force_n=self._settings.force_n,
            blocked_force_n=self._settings.force_n,
        )
