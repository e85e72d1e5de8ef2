"""One connection to a Franka Hand: measurements, and one command at a time within a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.franky_connection import (
    HAND_PORT,
    franky_errors,
    one_line,
    shut_down_connections,
)

if TYPE_CHECKING:
    from franky import BoolFuture, Gripper

_ABORT_S = 0.5
_abandoned: list[object] = []
"""Commands that even a cut connection did not end: to let go of one would wait for it, for ever."""


@dataclass(frozen=True, kw_only=True)
class HandMeasurement:
    """Opening [m], the largest one [m] that referencing has found, and whether a grip holds."""

    width_m: float
    max_width_m: float
    is_grasped: bool


class FrankaHandConnection:
    """What the driver needs of a connected `franky.Gripper`; any HardwareError leaves it unusable.

    Args:
        timeout_s: longest wait for what is no motion.
    """

    def __init__(self, hand: Gripper, host: str, timeout_s: float) -> None:
        self._hand = hand
        self._host = host
        self._name = f"Franka Hand at {host}"
        self._timeout_s = timeout_s
        self._running: BoolFuture | None = None
        self._what = ""
        self._limit_s = 0.0
        self._due_s = 0.0
        self.refusal = ""

    @property
    def busy(self) -> bool:
        """Whether a command is under way."""
        return self._running is not None

    def measure(self) -> HandMeasurement:
        """What the fingers do now; waits for at most a second, libfranka's own limit.

        Raises:
            HardwareError: when the connection is lost.
        """
        try:
            state = self._hand.state
        except franky_errors() as error:
            raise HardwareError(f"{self._name}: connection lost: {one_line(error)}") from error
        return HandMeasurement(
            width_m=float(state.width),
            max_width_m=float(state.max_width),
            is_grasped=bool(state.is_grasped),
        )

    def home(self, limit_s: float) -> None:
        """Begin to reference the fingers."""
        self._begin("home", limit_s, lambda: self._hand.homing_async())

    def move(self, width_m: float, speed_m_s: float, limit_s: float) -> None:
        """Begin to bring the fingers to an opening."""
        self._begin("move", limit_s, lambda: self._hand.move_async(width_m, speed_m_s))

    def grasp(self, width_m: float, speed_m_s: float, force_n: float, limit_s: float) -> None:
        """Begin to press on whatever keeps the fingers from closing to an opening."""
        self._begin(
            "grasp",
            limit_s,
            lambda: self._hand.grasp_async(width_m, speed_m_s, force_n, 0.005, 1.0),
        )

    def poll(self) -> None:
        """Notice the end of a command; `refusal` then tells why the hand did not carry it out.

        Raises:
            HardwareError: when the connection is lost, or the command takes too long.
        """
        from franky import CommandException

        running = self._running
        if running is None:
            return
        if not running.wait(0.0):
            if time.monotonic() > self._due_s:
                raise HardwareError(
                    f"{self._name}: no end of the {self._what} within {self._limit_s:.1f} s"
                )
            return
        self._running = None
        try:
            done = running.get()
        except CommandException as error:
            self.refusal = f"{self._what} refused: {one_line(error)}"
        except franky_errors() as error:
            raise HardwareError(f"{self._name}: connection lost: {one_line(error)}") from error
        else:
            self.refusal = "" if done else f"{self._what} not carried out"

    def close(self) -> None:
        """Stand still and hang up; never raises, and takes no longer than its time limits."""
        running, self._running = self._running, None
        if running is None:
            return
        # franky's own stop_async waits for the end of the motion that it is to stop.
        stopping = threading.Thread(target=self._stop, name="hand-stop", daemon=True)
        stopping.start()
        stopping.join(self._timeout_s)
        if stopping.is_alive() or not running.wait(0.0):
            shut_down_connections(self._host, HAND_PORT)
        if not running.wait(_ABORT_S):
            _abandoned.extend([self._hand, running])

    def _stop(self) -> None:
        with contextlib.suppress(*franky_errors()):
            self._hand.stop()

    def _begin(self, what: str, limit_s: float, command: Callable[[], BoolFuture]) -> None:
        self.refusal = ""
        try:
            self._running = command()
        except franky_errors() as error:
            raise HardwareError(f"{self._name}: connection lost: {one_line(error)}") from error
        self._what, self._limit_s = what, limit_s
        self._due_s = time.monotonic() + limit_s
