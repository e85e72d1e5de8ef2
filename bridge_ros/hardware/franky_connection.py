"""Connects to the Franka Control Interface and the Franka Hand without ever hanging with them."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from bridge_ros.errors import HardwareError

FCI_PORT = 1337
HAND_PORT = 1338
_ABORT_S = 0.5

D = TypeVar("D")


def franky_errors() -> tuple[type[Exception], ...]:
    """What franky raises when robot or connection fail: its own family, and bare errors of C++."""
    import franky

    return (franky.Exception, RuntimeError, ValueError)


def one_line(error: Exception) -> str:
    """What an error says, without its line breaks."""
    return " ".join(str(error).split()) or type(error).__name__


class FrankyConnector(Generic[D]):
    """Makes franky's devices; libfranka's connect has no timeout of its own once TCP stands.

    That happens when another client holds the robot, and would last for ever. So the attempt runs
    in a thread; when it takes too long its sockets are shut down, which ends it with an error, and
    the caller may try again. There is never more than one attempt under way.

    Args:
        make: connects to the device and returns it.
        name: of the device, for messages.
        advice: what to look at if it does not answer.
    """

    def __init__(
        self,
        make: Callable[[], D],
        *,
        name: str,
        host: str,
        port: int,
        timeout_s: float,
        advice: str,
    ) -> None:
        self._make = make
        self._name = name
        self._host = host
        self._port = port
        self._timeout_s = timeout_s
        self._advice = advice
        self._attempt: _Attempt[D] | None = None

    def connect(self) -> D:
        """A connected device.

        Raises:
            HardwareError: if it refuses, or does not answer within the timeout.
        """
        attempt = self._attempt
        if attempt is None or attempt.failed:
            attempt = self._attempt = _Attempt(self._make)
        attempt.thread.join(self._timeout_s)
        if attempt.thread.is_alive():
            shut_down_connections(self._host, self._port)
            attempt.thread.join(_ABORT_S)
            raise HardwareError(
                f"{self._name}: no answer within {self._timeout_s} s; {self._advice}"
            )
        self._attempt = None
        if attempt.device is None:
            raise HardwareError(f"{self._name}: {attempt.error}") from attempt.error
        return attempt.device


class _Attempt(Generic[D]):
    """One try to connect, in a thread."""

    def __init__(self, make: Callable[[], D]) -> None:
        self._make = make
        self.device: D | None = None
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._run, name="fci-connect", daemon=True)
        self.thread.start()

    @property
    def failed(self) -> bool:
        """Whether it has ended without a device."""
        return not self.thread.is_alive() and self.device is None

    def _run(self) -> None:
        try:
            self.device = self._make()
        except franky_errors() as error:
            self.error = error


def shut_down_connections(host: str, port: int) -> None:
    """Shut down this process's TCP connections to a device; for when none of them is in use."""
    try:
        address = socket.gethostbyname(host)
        descriptors = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    except OSError:
        return
    for descriptor in descriptors:
        with contextlib.suppress(OSError), _as_socket(descriptor) as connection:
            if connection.getpeername()[:2] == (address, port):
                connection.shutdown(socket.SHUT_RDWR)


def _as_socket(descriptor: int) -> socket.socket:
    """A socket of its own for a descriptor. Raises OSError, and leaves nothing open, for a file."""
    copy = os.dup(descriptor)
    try:
        return socket.socket(fileno=copy)
    except OSError:
        os.close(copy)
        raise
