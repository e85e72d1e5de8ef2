"""A simulated WSG 50: the gripper's TCP server in front of any pair of jaws."""

from __future__ import annotations

import logging
import select
import socket
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

from bridge_ros.hardware.wsg_packet import Packet, PacketDecoder, WsgProtocolError, encode
from bridge_ros.hardware.wsg_protocol import (
    CommandId,
    Measurement,
    PositionPd,
    Reply,
    StateFlag,
    Status,
    unpack_pre_position,
)
from bridge_ros.sim.live.tcp_server import TcpServer

_LOGGER = logging.getLogger(__name__)
_POLL_S = 0.005
_HOMING_SPEED_M_S = 0.1
_ARRIVED_M = 0.001


class Jaws(Protocol):
    """What the server moves and measures. Called from the server's thread: implementations lock."""

    def set_goal(self, width_m: float, speed_m_s: float, force_n: float) -> None:
        """Move towards an opening at a speed, pressing no harder than a force; returns at once."""

    @property
    def width_m(self) -> float:
        """Measured opening between the fingers."""

    @property
    def speed_m_s(self) -> float:
        """Measured rate of the opening, positive when it opens."""

    @property
    def force_n(self) -> float:
        """Motor force, positive."""

    @property
    def moving(self) -> bool:
        """Whether the fingers move."""


@dataclass(frozen=True, kw_only=True)
class WsgServerSettings:
    """The simulated gripper's place on the network and its mechanical limits (WSG 50-110)."""

    host: str = "127.0.0.1"
    port: int = 10000
    stroke_m: float = 0.110
    max_speed_m_s: float = 0.42
    max_force_n: float = 80.0


@dataclass(frozen=True, kw_only=True)
class _Motion:
    """A homing or pre-position move whose final answer is still owed."""

    command: int
    goal_m: float
    deadline_s: float


class WsgServer:
    """Serves one client at a time, as the gripper does, in a thread of its own.

    Answers homing, pre-position, stop, fast stop, fault acknowledgement, and UMI's 0xB0 and 0xB1.
    Unlike the gripper, whose script sets a speed that lasts, a 0xB1 goal is where the jaws stop.

    Raises:
        HardwareError: from `start`, if the address cannot be bound.
    """

    def __init__(self, jaws: Jaws, settings: WsgServerSettings | None = None) -> None:
        self._jaws = jaws
        self._settings = settings or WsgServerSettings()
        self._server = TcpServer(
            "WSG server",
            (self._settings.host, self._settings.port),
            self._serve,
            remedy="is another simulation running?",
        )
        self._referenced = False
        self._fault = False
        self._goal_m: float | None = None
        self._motion: _Motion | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; of use when the settings say 0."""
        return self._server.port

    def start(self) -> None:
        """Listen, and serve in the background."""
        self._server.start()

    def close(self) -> None:
        """Drop the client and stop listening; safe to call at any time."""
        self._server.close()

    def __enter__(self) -> WsgServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                self._converse(client)
            except OSError as error:
                _LOGGER.info("WSG server: client lost (%s)", error)
        self._motion = None
        self._halt()

    def _converse(self, client: socket.socket) -> None:
        decoder = PacketDecoder()
        while not self._server.closing.is_set():
            timeout_s = _POLL_S if self._motion is not None else 0.05
            if select.select([client], [], [], timeout_s)[0]:
                data = client.recv(4096)
                if not data:
                    return
                decoder.feed(data)
                if not self._answer_all(client, decoder):
                    return
            self._finish_motion(client)

    def _answer_all(self, client: socket.socket, decoder: PacketDecoder) -> bool:
        """Answer every whole packet; False once the client says goodbye."""
        while True:
            try:
                packet = decoder.next()
            except WsgProtocolError as error:
                _LOGGER.warning("WSG server: %s", error)
                self._reply(client, 0, Status.CHECKSUM_ERROR)
                continue
            if packet is None:
                return True
            if packet.id == CommandId.DISCONNECT:
                return False
            self._answer(client, packet)

    def _answer(self, client: socket.socket, packet: Packet) -> None:
        try:
            status, data = self._execute(packet)
        except WsgProtocolError:
            status, data = Status.NOT_ENOUGH_PARAMETERS, b""
        self._reply(client, packet.id, status, data)

    def _execute(self, packet: Packet) -> tuple[Status, bytes]:
        command = packet.id
        if command == CommandId.MEASURE:
            return Status.SUCCESS, self._measure().pack()
        if command == CommandId.ACKNOWLEDGE_FAULT:
            if packet.payload != b"ack":
                return Status.INVALID_PARAMETER, b""
            self._fault = False
            return Status.SUCCESS, b""
        if command in (CommandId.STOP, CommandId.FAST_STOP):
            self._motion = None
            self._fault |= command == CommandId.FAST_STOP
            self._halt()
            return Status.SUCCESS, b""
        if command not in (CommandId.HOME, CommandId.PRE_POSITION, CommandId.POSITION_PD):
            return Status.UNKNOWN_COMMAND, b""
        if self._fault:
            return Status.ACCESS_DENIED, b""
        if self._motion is not None:
            return Status.ALREADY_RUNNING, b""
        if command == CommandId.HOME:
            return self._begin(command, self._settings.stroke_m, _HOMING_SPEED_M_S), b""
        if not self._referenced:
            return Status.NOT_INITIALIZED, b""
        if command == CommandId.PRE_POSITION:
            width_m, speed_m_s = unpack_pre_position(packet.payload)
            return self._begin(command, width_m, speed_m_s), b""
        return self._track(PositionPd.unpack(packet.payload))

    def _begin(self, command: int, width_m: float, speed_m_s: float) -> Status:
        if not (0.0 <= width_m <= self._settings.stroke_m and speed_m_s > 0.0):
            return Status.RANGE_ERROR
        duration_s = self._settings.stroke_m / speed_m_s + 2.0
        self._motion = _Motion(
            command=command, goal_m=width_m, deadline_s=time.monotonic() + duration_s
        )
        self._go(width_m, speed_m_s, self._settings.max_force_n)
        return Status.COMMAND_PENDING

    def _track(self, request: PositionPd) -> tuple[Status, bytes]:
        """What the Lua script does with 0xB1."""
        width_m = min(max(request.width_m, 0.0), self._settings.stroke_m)
        error_m = width_m - self._jaws.width_m
        rate_m_s = request.velocity_m_s - self._jaws.speed_m_s
        speed_m_s = abs(request.kp * error_m + request.kd * rate_m_s)
        blocked = not self._jaws.moving and abs(error_m) > _ARRIVED_M
        self._go(width_m, speed_m_s, request.blocked_force_n if blocked else request.travel_force_n)
        return Status.SUCCESS, self._measure().pack()

    def _finish_motion(self, client: socket.socket) -> None:
        motion = self._motion
        if motion is None:
            return
        if abs(self._jaws.width_m - motion.goal_m) < _ARRIVED_M:
            self._referenced |= motion.command == CommandId.HOME
            status = Status.SUCCESS
        elif time.monotonic() > motion.deadline_s:
            status = Status.AXIS_BLOCKED
        else:
            return
        self._motion = None
        self._reply(client, motion.command, status)

    def _go(self, width_m: float, speed_m_s: float, force_n: float) -> None:
        self._goal_m = width_m
        self._jaws.set_goal(
            width_m,
            min(speed_m_s, self._settings.max_speed_m_s),
            min(max(force_n, 0.0), self._settings.max_force_n),
        )

    def _halt(self) -> None:
        """Stop where the jaws are; those that grip something keep gripping it."""
        if self._jaws.moving:
            self._go(self._jaws.width_m, self._settings.max_speed_m_s, self._settings.max_force_n)

    def _measure(self) -> Measurement:
        flags = StateFlag(0)
        if self._referenced:
            flags |= StateFlag.REFERENCED
        if self._jaws.moving:
            flags |= StateFlag.MOVING
        else:
            flags |= StateFlag.AXIS_STOPPED
            if self._goal_m is not None:
                error_m = self._goal_m - self._jaws.width_m
                if abs(error_m) < _ARRIVED_M:
                    flags |= StateFlag.TARGET_REACHED
                else:
                    flags |= StateFlag.BLOCKED_PLUS if error_m > 0 else StateFlag.BLOCKED_MINUS
        return Measurement(
            state=flags,
            width_m=self._jaws.width_m,
            speed_m_s=self._jaws.speed_m_s,
            force_n=self._jaws.force_n,
        )

    @staticmethod
    def _reply(client: socket.socket, command: int, status: Status, data: bytes = b"") -> None:
        client.sendall(encode(Reply(id=command, status=status, data=data).to_packet()))
