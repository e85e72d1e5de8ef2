"""A TCP proxy between our nodes and a device, where cables are cut and bytes go wrong."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable
from typing import Protocol

from bridge_ros.priority import ROBOT_LEVEL, run_in_foreground
from bridge_ros.sim.live.tcp_server import TcpServer

_CHUNK_BYTES = 65536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a connection break it, as a lost peer would."""


class Tampering(Protocol):
    """What becomes of the bytes of one connection on their way; called from two threads."""

    def request(self, data: bytes) -> Iterable[bytes]:
        """The pieces in which bytes from our node reach the device."""

    def reply(self, data: bytes) -> Iterable[bytes]:
        """The pieces in which bytes from the device reach our node."""


class TcpProxy:
    """Passes every connection on to a device, until told otherwise; use as a context manager.

    Args:
        address: host and port to listen on; port 0 takes any that is free.
        device: host and port of the device.

    Raises:
        HardwareError: from `start`, if the address is taken.
    """

    def __init__(self, address: tuple[str, int], device: tuple[str, int]) -> None:
        self._device = device
        self._server = TcpServer(
            "proxy", address, self._connect, remedy="stop what does, or choose another --robot-host"
        )
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._tampering: Tampering | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; of use when 0 was asked for."""
        return self._server.port

    @property
    def connections(self) -> int:
        """How many there are."""
        with self._lock:
            return len(self._ends) // 2

    def start(self) -> None:
        """Take connections, for the first time or again after `refuse`."""
        self._server.start()

    def cut(self) -> None:
        """Break all connections; new ones are taken."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            _break(end)

    def refuse(self) -> None:
        """Break all connections and take none until `start`."""
        self._server.close()
        self.cut()

    def tamper(self, tampering: Tampering | None) -> None:
        """Let something happen to all bytes from now on; None lets them pass as they are."""
        self._tampering = tampering

    def close(self) -> None:
        """End everything; safe to call at any time."""
        self.refuse()

    def __enter__(self) -> TcpProxy:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self, client: socket.socket) -> None:
        # A line does not wait for a processor; the threads started here inherit that.
        run_in_foreground(ROBOT_LEVEL)
        try:
            device = socket.create_connection(self._device, timeout=1.0)
        except OSError:
            _break(client)
            return
        device.settimeout(None)
        device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._ends += [client, device]
        for source, sink in ((client, device), (device, client)):
            threading.Thread(
                target=self._pump, args=(source, sink, source is client), daemon=True
            ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_request: bool) -> None:
        try:
            while data := source.recv(_CHUNK_BYTES):
                tampering = self._tampering
                if tampering is None:
                    pieces: Iterable[bytes] = (data,)
                else:
                    pieces = tampering.request(data) if is_request else tampering.reply(data)
                for piece in pieces:
                    sink.sendall(piece)
        except OSError:
            pass  # The connection has ended, on purpose or not; both sides learn of it.
        with self._lock:
            self._ends = [end for end in self._ends if end not in (source, sink)]
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RDWR)
    end.close()
