"""The listening end of TCP connections: of the simulated devices, and of proxies before them."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from bridge_ros.errors import HardwareError

_BACKLOG = 4


class TcpServer:
    """Accepts clients in a thread of its own and hands over each of them; may start again.

    Args:
        name: who listens, for the thread and for errors.
        address: host and port to listen on; port 0 takes any that is free.
        on_client: gets every connected socket, which is then its own to close. The next client
            waits until it returns, which it must do soon after `closing` is set.
        remedy: what a person can do when the address is taken.

    Attributes:
        closing: set from `close` to the next `start`.
    """

    def __init__(
        self,
        name: str,
        address: tuple[str, int],
        on_client: Callable[[socket.socket], None],
        *,
        remedy: str,
    ) -> None:
        self._name = name
        self._address = address
        self._on_client = on_client
        self._remedy = remedy
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        """The port that is listened on, from the first start on; of use when 0 was asked for."""
        if self._address[1] == 0:
            raise HardwareError(f"{self._name}: expected to be started before its port is asked")
        return self._address[1]

    def start(self) -> None:
        """Listen, and accept in the background.

        Raises:
            HardwareError: if the address is taken.
        """
        host, port = self._address
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(self._address)
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise HardwareError(
                f"{self._name}: cannot listen on {host}:{port} ({error}); {self._remedy}"
            ) from error
        self._address = (host, listener.getsockname()[1])
        self._listener = listener
        self.closing.clear()
        self._thread = threading.Thread(
            target=self._accept, args=(listener,), name=self._name, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and wait until the last client was handled; safe to call at any time."""
        self.closing.set()
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # Wakes `accept`.
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while not self.closing.is_set():
            try:
                client, _ = listener.accept()
            except ConnectionAbortedError:
                continue  # That client has gone again.
            except OSError:
                return  # Shut down by `close`.
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._on_client(client)
