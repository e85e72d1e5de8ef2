"""Connects to the Franka Control Interface without ever hanging with it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bridge_ros.errors import HardwareError

if TYPE_CHECKING:
    from franky import Robot

FCI_PORT = 1337
_ABORT_S = 0.5


def franky_errors() -> tuple[type[Exception], ...]:
    """What franky raises when robot or connection fail: its own family, and bare errors of C++."""
    import franky

    return (franky.Exception, RuntimeError, ValueError)


class FrankyConnector:
    """Makes `franky.Robot` objects; libfranka's connect has no timeout of its own once TCP stands.

    That happens when another client holds the robot, and would last for ever. So the attempt runs
    in a thread; when it takes too long its sockets are shut down, which ends it with an error, and
    the caller may try again. There is never more than one attempt under way.
    """

    def __init__(
        self, host: str, *, timeout_s: float, realtime: Literal["ignore", "enforce"]
    ) -> None:
        self._host = host
        self._timeout_s = timeout_s
        self._realtime = realtime
        self._attempt: _Attempt | None = None

    def connect(self) -> Robot:
        """A connected robot.

        Raises:
            HardwareError: if it refuses, or does not answer within the timeout.
        """
        attempt = self._attempt
        if attempt is None or attempt.failed:
            attempt = self._attempt = _Attempt(self._host, self._realtime)
        attempt.thread.join(self._timeout_s)
        if attempt.thread.is_alive():
            _shut_down_connections(self._host)
            attempt.thread.join(_ABORT_S)
            raise HardwareError(
                f"FR3 at {self._host}: no answer within {self._timeout_s} s; is it switched on, "
                "the address right, FCI active in Desk, and no other client connected?"
            )
        self._attempt = None
        if attempt.robot is None:
            raise HardwareError(f"FR3 at {self._host}: {attempt.error}") from attempt.error
        return attempt.robot


class _Attempt:
    """One call of `franky.Robot(...)` in a thread."""

    def __init__(self, host: str, realtime: Literal["ignore", "enforce"]) -> None:
        self._host = host
        self._realtime = realtime
        self.robot: Robot | None = None
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name="fci-connect", daemon=True)
        self.thread.start()

    @property
    def failed(self) -> bool:
        """Whether it has ended without a robot."""
        return not self.thread.is_alive() and self.robot is None

    def _run(self) -> None:
        try:
            import franky

            config = franky.RealtimeConfig
            self.robot = franky.Robot(
                self._host,
                realtime_config=config.Ignore if self._realtime == "ignore" else config.Enforce,
            )
        except franky_errors() as error:
            self.error = error


def _shut_down_connections(host: str) -> None:
    """Shut down this process's TCP connections to a robot; for when none of them is in use."""
    try:
        address = socket.gethostbyname(host)
        descriptors = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    except OSError:
        return
    for descriptor in descriptors:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
            if connection.getpeername()[:2] == (address, FCI_PORT):
                connection.shutdown(socket.SHUT_RDWR)
