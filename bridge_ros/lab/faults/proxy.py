"""A TCP proxy between our nodes and a device, where cables are cut and bytes go wrong."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable
from typing import Protocol

from bridge_ros.errors import HardwareError
from bridge_ros.priority import ROBOT_LEVEL, run_in_foreground

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
        self._address = address
        self._device = device
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._tampering: Tampering | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; of use when 0 was asked for."""
        return self._address[1]

    @property
    def connections(self) -> int:
        """How many there are."""
        with self._lock:
            return len(self._ends) // 2

    def start(self) -> None:
        """Take connections, for the first time or again after `refuse`."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(self._address)
            listener.listen(4)
        except OSError as error:
            listener.close()
            host, port = self._address
            raise HardwareError(
                f"proxy: cannot listen on {host}:{port} ({error}); stop what does, or choose "
                "another --robot-host"
            ) from error
        self._address = (self._address[0], listener.getsockname()[1])
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Break all connections; new ones are taken."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            _break(end)

    def refuse(self) -> None:
        """Break all connections and take none until `start`."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
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

    def _accept(self, listener: socket.socket) -> None:
        # A line does not wait for a processor; the threads started here inherit that.
        run_in_foreground(ROBOT_LEVEL)
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # Closed by `refuse`.
            try:
                device = socket.create_connection(self._device, timeout=1.0)
            except OSError:
                _break(client)
                continue
            device.settimeout(None)
            for end in (client, device):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
