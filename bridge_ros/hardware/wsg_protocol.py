"""Commands and replies of the Weiss WSG with UMI's two Lua commands, in SI units.

The first two bytes of every reply's payload are a status (u16). The payloads of the two commands
that UMI's script registers on the gripper, millimetres and newtons as float32 (C. Chi et al.,
"Universal Manipulation Interface", 2024, `cmd_measure.lua` and `wsg_binary_driver.py`):

    0xB0 measure      request: 0x00
    0xB1 position-PD  request: 0x00 | position mm | velocity mm/s | kp 1/s | kd
                               | force limit while travelling N | force limit while blocked N
    reply of both     status: u16 | state: u8 | position mm | speed mm/s | motor force N | time s

`state` is the lowest byte of the gripper's state flags. On the gripper the script sets the speed
kp (position - measured) + kd (velocity - measured speed), and the force limit that applies.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from bridge_ros.hardware.wsg_packet import Packet, WsgProtocolError

_POSITION_PD = struct.Struct("<B6f")
_MEASUREMENT = struct.Struct("<B4f")
_PRE_POSITION = struct.Struct("<B2f")


class CommandId(IntEnum):
    """Commands that the driver uses."""

    DISCONNECT = 0x07
    HOME = 0x20
    PRE_POSITION = 0x21
    STOP = 0x22
    FAST_STOP = 0x23
    ACKNOWLEDGE_FAULT = 0x24
    MEASURE = 0xB0
    POSITION_PD = 0xB1


class Status(IntEnum):
    """The status codes of replies that matter here; others exist."""

    SUCCESS = 0
    NOT_AVAILABLE = 1
    NOT_INITIALIZED = 3
    ALREADY_RUNNING = 4
    TIMEOUT = 7
    CHECKSUM_ERROR = 11
    NOT_ENOUGH_PARAMETERS = 13
    UNKNOWN_COMMAND = 14
    ACCESS_DENIED = 16
    COMMAND_FAILED = 18
    COMMAND_ABORTED = 19
    INVALID_PARAMETER = 24
    COMMAND_PENDING = 26
    RANGE_ERROR = 28
    AXIS_BLOCKED = 29


class StateFlag(IntFlag):
    """The lowest byte of the gripper's state flags."""

    REFERENCED = 0x01
    MOVING = 0x02
    BLOCKED_MINUS = 0x04
    BLOCKED_PLUS = 0x08
    SOFT_LIMIT_MINUS = 0x10
    SOFT_LIMIT_PLUS = 0x20
    AXIS_STOPPED = 0x40
    TARGET_REACHED = 0x80


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A reply's status and what follows it."""

    id: int
    status: int
    data: bytes

    @property
    def status_name(self) -> str:
        """The status in words."""
        try:
            return Status(self.status).name.lower().replace("_", " ")
        except ValueError:
            return f"status {self.status}"

    def to_packet(self) -> Packet:
        """As sent by the gripper."""
        return Packet(self.id, struct.pack("<H", self.status) + self.data)

    @classmethod
    def from_packet(cls, packet: Packet) -> Reply:
        """As received from the gripper.

        Raises:
            WsgProtocolError: if the payload has no status.
        """
        if len(packet.payload) < 2:
            raise WsgProtocolError(
                f"WSG reply 0x{packet.id:02X}: expected a 2-byte status, "
                f"got {len(packet.payload)} bytes"
            )
        (status,) = struct.unpack_from("<H", packet.payload)
        return cls(id=packet.id, status=status, data=packet.payload[2:])


@dataclass(frozen=True, kw_only=True)
class PositionPd:
    """The request of command 0xB1, in SI units (gains as the script takes them)."""

    width_m: float
    velocity_m_s: float
    kp: float
    kd: float
    travel_force_n: float
    blocked_force_n: float

    def pack(self) -> bytes:
        """The payload."""
        return _POSITION_PD.pack(
            0,
            self.width_m * 1e3,
            self.velocity_m_s * 1e3,
            self.kp,
            self.kd,
            self.travel_force_n,
            self.blocked_force_n,
        )

    @classmethod
    def unpack(cls, payload: bytes) -> PositionPd:
        """From the payload.

        Raises:
            WsgProtocolError: if it has another size.
        """
        if len(payload) != _POSITION_PD.size:
            raise WsgProtocolError(
                f"WSG position-PD: expected {_POSITION_PD.size} payload bytes, got {len(payload)}"
            )
        _, position, velocity, kp, kd, travel, blocked = _POSITION_PD.unpack(payload)
        return cls(
            width_m=position / 1e3,
            velocity_m_s=velocity / 1e3,
            kp=kp,
            kd=kd,
            travel_force_n=travel,
            blocked_force_n=blocked,
        )


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The reply of commands 0xB0 and 0xB1, in SI units.

    Attributes:
        time_s: the gripper's clock; as float32 too coarse to be of use.
    """

    state: StateFlag
    width_m: float
    speed_m_s: float
    force_n: float
    time_s: float = 0.0

    def pack(self) -> bytes:
        """The data after the status."""
        return _MEASUREMENT.pack(
            int(self.state) & 0xFF,
            self.width_m * 1e3,
            self.speed_m_s * 1e3,
            self.force_n,
            self.time_s,
        )

    @classmethod
    def unpack(cls, data: bytes) -> Measurement:
        """From the data after the status.

        Raises:
            WsgProtocolError: if it has another size.
        """
        if len(data) != _MEASUREMENT.size:
            raise WsgProtocolError(
                f"WSG measurement: expected {_MEASUREMENT.size} bytes, got {len(data)}; "
                "is UMI's Lua script the one that runs on the gripper?"
            )
        state, position, speed, force, time_s = _MEASUREMENT.unpack(data)
        return cls(
            state=StateFlag(state),
            width_m=position / 1e3,
            speed_m_s=speed / 1e3,
            force_n=force,
            time_s=time_s,
        )


def unpack_pre_position(payload: bytes) -> tuple[float, float]:
    """Width [m] and speed [m/s] of command 0x21.

    Raises:
        WsgProtocolError: if it has another size.
    """
    if len(payload) != _PRE_POSITION.size:
        raise WsgProtocolError(
            f"WSG pre-position: expected {_PRE_POSITION.size} payload bytes, got {len(payload)}"
        )
    _, width, speed = _PRE_POSITION.unpack(payload)
    return width / 1e3, speed / 1e3
