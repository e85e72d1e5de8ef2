"""One TCP connection to a WSG: requests and their replies, each within a time."""

from __future__ import annotations

import contextlib
import socket
import time

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.wsg_packet import Packet, PacketDecoder, encode
from bridge_ros.hardware.wsg_protocol import CommandId, Measurement, PositionPd, Reply, Status

_NO_ARGUMENTS = b"\x00"
_HOME_OPENING = b"\x01"


class WsgConnection:
    """Speaks the WSG's protocol over one connection; any error leaves it unusable.

    Args:
        timeout_s: longest wait for the connection and for each reply.

    Raises:
        HardwareError: from every call, when the gripper is not reached in time, answers wrongly, or
            reports that it failed.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self._name = f"WSG at {host}:{port}"
        self._timeout_s = timeout_s
        self._decoder = PacketDecoder()
        try:
            self._socket = socket.create_connection((host, port), timeout=timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise HardwareError(
                f"{self._name}: cannot connect ({error}); is it switched on, and the address right?"
            ) from error

    def acknowledge_fault(self) -> None:
        """Leave a fast stop or an earlier fault; harmless when there was none."""
        self._request(CommandId.ACKNOWLEDGE_FAULT, b"ack", self._timeout_s)

    def home(self, timeout_s: float) -> None:
        """Open the fingers to their end stop to reference them, and wait for it."""
        self._request(CommandId.HOME, _HOME_OPENING, timeout_s)

    def measure(self) -> Measurement:
        """What the fingers do now."""
        return self._script(CommandId.MEASURE, _NO_ARGUMENTS)

    def track(self, request: PositionPd) -> Measurement:
        """One step of UMI's position control, and what the fingers do now."""
        return self._script(CommandId.POSITION_PD, request.pack())

    def stop(self) -> None:
        """Stand still."""
        self._request(CommandId.STOP, b"", self._timeout_s)

    def close(self) -> None:
        """Say goodbye and hang up; never raises."""
        with contextlib.suppress(OSError):
            self._socket.sendall(encode(Packet(CommandId.DISCONNECT, b"")))
        self._socket.close()

    def _script(self, command: CommandId, payload: bytes) -> Measurement:
        return Measurement.unpack(self._request(command, payload, self._timeout_s).data)

    def _request(self, command: CommandId, payload: bytes, timeout_s: float) -> Reply:
        """Send a command and wait for its final reply; other commands' late replies are skipped."""
        deadline_s = time.monotonic() + timeout_s
        try:
            self._socket.sendall(encode(Packet(command, payload)))
            while True:
                reply = Reply.from_packet(self._receive(deadline_s))
                if reply.id == command and reply.status != Status.COMMAND_PENDING:
                    break
        except TimeoutError as error:
            raise HardwareError(
                f"{self._name}: no reply to {_words(command)} within {timeout_s} s"
            ) from error
        except OSError as error:
            raise HardwareError(f"{self._name}: connection lost ({error})") from error
        if reply.status == Status.UNKNOWN_COMMAND:
            raise HardwareError(
                f"{self._name}: does not know {_words(command)}; "
                "start UMI's cmd_measure.lua on the gripper"
            )
        if reply.status != Status.SUCCESS:
            raise HardwareError(f"{self._name}: {_words(command)} failed: {reply.status_name}")
        return reply

    def _receive(self, deadline_s: float) -> Packet:
        while True:
            packet = self._decoder.next()
            if packet is not None:
                return packet
            left_s = deadline_s - time.monotonic()
            if left_s <= 0.0:
                raise TimeoutError
            self._socket.settimeout(left_s)
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("closed by the gripper")
            self._decoder.feed(data)


def _words(command: CommandId) -> str:
    return f"{command.name.lower().replace('_', ' ')} (0x{command.value:02X})"
