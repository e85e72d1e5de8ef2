"""The wire from the simulator to whoever renders it: which world it is, then its state at 200 Hz.

On connect the server sends one line of JSON (`Hello`), then frames: magic, stamp [s since the
epoch], simulated time [s], and the `nq` generalised positions, little-endian doubles.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from dataclasses import asdict, dataclass

import numpy as np

from bridge_ros.errors import CameraError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.sim.live.tcp_server import TcpServer

FORMAT = 2
_MAGIC = b"BRS2"
_HEAD = struct.Struct("<4sdd")
_MAX_HELLO_BYTES = 4096
_MAX_NQ = 10_000
_RECEIVE_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class WorldState:
    """The simulated world at one instant.

    Attributes:
        stamp_s: when the state was sampled, seconds since the epoch.
        time_s: simulated time, which stands still and catches up where the machine is busy.
        qpos: `(nq,)` generalised positions of the whole world.
    """

    stamp_s: float
    time_s: float
    qpos: FloatArray


@dataclass(frozen=True, kw_only=True)
class Hello:
    """Which world the states are of: enough to build the same one."""

    scene: str
    seed: int
    nq: int
    format: int = FORMAT

    @classmethod
    def parse(cls, line: bytes) -> Hello:
        """Read the greeting. Raises CameraError if it is not one that this version understands."""
        try:
            data = json.loads(line)
            hello = cls(**{key: data[key] for key in ("scene", "seed", "nq", "format")})
        except (ValueError, KeyError, TypeError) as error:
            raise CameraError(
                f"simulator: expected a greeting in JSON, got {line[:60]!r}; "
                "is something else listening on the camera port?"
            ) from error
        if hello.format != FORMAT or not isinstance(hello.scene, str):
            raise CameraError(
                f"simulator: expected state format {FORMAT}, got {hello}; run one version of both"
            )
        numbers = (hello.seed, hello.nq)
        if any(type(number) is not int for number in numbers) or not 0 < hello.nq <= _MAX_NQ:
            raise CameraError(f"simulator: expected whole numbers in its greeting, got {hello}")
        return hello


class StateLinkServer:
    """Sends every published state to every client, from a thread of its own.

    A client that does not keep up is dropped, never waited for; neither is `publish` ever held up.

    Args:
        hello: what every client is told first.
        host, port: where to listen; port 0 takes any that is free.
    """

    def __init__(self, hello: Hello, *, host: str, port: int) -> None:
        self._hello = json.dumps(asdict(hello)).encode() + b"\n"
        self._server = TcpServer(
            "state link",
            (host, port),
            self._welcome,
            remedy="stop what does, or change `camera_port` in config/sim.yaml and `sim_port` in "
            "config/camera.yaml",
        )
        self._state: WorldState | None = None
        self._fresh = threading.Event()
        self._lock = threading.Lock()
        self._clients: list[socket.socket] = []
        self._sender: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; of use when 0 was asked for."""
        return self._server.port

    def publish(self, state: WorldState) -> None:
        """Hand over a state to be sent."""
        self._state = state
        self._fresh.set()

    def start(self) -> None:
        """Listen, and serve in the background.

        Raises:
            HardwareError: if the address is taken.
        """
        self._server.start()
        self._sender = threading.Thread(target=self._send, name="state link sender")
        self._sender.start()

    def close(self) -> None:
        """Drop all clients and stop listening; safe to call at any time."""
        self._server.close()
        self._fresh.set()
        if self._sender is not None:
            self._sender.join()
            self._sender = None
        for client in self._clients:
            client.close()
        self._clients = []

    def _welcome(self, client: socket.socket) -> None:
        client.setblocking(False)
        if _sent(client, self._hello):
            with self._lock:
                self._clients.append(client)

    def _send(self) -> None:
        while self._fresh.wait() and not self._server.closing.is_set():
            self._fresh.clear()
            state = self._state
            if state is None:
                continue
            head = _HEAD.pack(_MAGIC, state.stamp_s, state.time_s)
            frame = head + state.qpos.astype("<f8").tobytes()
            with self._lock:
                self._clients = [client for client in self._clients if _sent(client, frame)]


class StateLinkClient:
    """Receives states; the newest counts, older ones are skipped. Use from one thread.

    Raises:
        CameraError: from the constructor, if nobody listens or greets within the timeout.
    """

    def __init__(self, host: str, port: int, *, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
        except OSError as error:
            raise CameraError(f"simulator: no state link at {host}:{port} ({error})") from error
        self._received = bytearray()
        try:
            while b"\n" not in self._received:
                if len(self._received) > _MAX_HELLO_BYTES:
                    raise CameraError(
                        f"simulator: expected a greeting from {host}:{port}, got noise"
                    )
                self._receive(deadline_s)
            line, _, rest = bytes(self._received).partition(b"\n")
            self._received = bytearray(rest)
            self.hello = Hello.parse(line)
        except CameraError:
            self.close()
            raise
        self._frame_size = _HEAD.size + 8 * self.hello.nq

    def newest(self, *, after_s: float, timeout_s: float) -> WorldState:
        """The newest state whose stamp is beyond `after_s`; waits for one.

        Raises:
            CameraError: if none comes in time, the connection is lost, or what comes is malformed.
        """
        deadline_s = time.monotonic() + timeout_s
        state: WorldState | None = None
        while True:
            self._receive_all()
            while len(self._received) >= self._frame_size:
                state = self._parse(bytes(self._received[: self._frame_size]))
                del self._received[: self._frame_size]
            if state is not None and state.stamp_s > after_s:
                return state
            self._receive(deadline_s)

    def close(self) -> None:
        """Disconnect; safe to call at any time."""
        self._socket.close()

    def _receive_all(self) -> None:
        """Take in what has arrived, without waiting."""
        self._socket.setblocking(False)
        try:
            while True:
                data = self._socket.recv(_RECEIVE_BYTES)
                if not data:
                    raise CameraError("simulator: it closed the state link")
                self._received += data
        except BlockingIOError:
            return
        except OSError as error:
            raise CameraError(f"simulator: state link lost ({error})") from error

    def _receive(self, deadline_s: float) -> None:
        """Wait for at least one byte."""
        remaining_s = deadline_s - time.monotonic()
        if remaining_s <= 0.0:
            raise CameraError("simulator: expected a state in time, got none; does it still run?")
        self._socket.settimeout(remaining_s)
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return
        except OSError as error:
            raise CameraError(f"simulator: state link lost ({error})") from error
        if not data:
            raise CameraError("simulator: it closed the state link")
        self._received += data

    def _parse(self, frame: bytes) -> WorldState:
        magic, stamp_s, time_s = _HEAD.unpack_from(frame)
        qpos = np.frombuffer(frame, dtype="<f8", offset=_HEAD.size).astype(np.float64)
        if magic != _MAGIC or not np.isfinite([stamp_s, time_s, *qpos]).all():
            raise CameraError("simulator: got a malformed state; run one version of both")
        return WorldState(stamp_s=stamp_s, time_s=time_s, qpos=qpos)


def _sent(client: socket.socket, data: bytes) -> bool:
    """Whether all of it went into the client's buffer; else the client is closed."""
    try:
        if client.send(data) == len(data):
            return True
    except OSError:
        pass
    client.close()
    return False
