"""Packets of the Weiss WSG binary protocol: framing, checksum, and finding them in a byte stream.

A packet, all numbers little-endian (Weiss Robotics, "WSG Command Set Reference Manual", chapter 2):

    AA AA AA | id: u8 | length: u16 | payload: `length` bytes | checksum: u16 over all before it
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from bridge_ros.errors import HardwareError

PREAMBLE = b"\xaa\xaa\xaa"
MAX_PAYLOAD_BYTES = 1024
_HEADER = struct.Struct("<3sBH")


class WsgProtocolError(HardwareError):
    """Bytes that are not the WSG's protocol."""


def _checksum_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        crc = value << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
        table.append(crc)
    return tuple(table)


_TABLE = _checksum_table()


def checksum(data: bytes, crc: int = 0xFFFF) -> int:
    """Weiss's CRC16: the CCITT polynomial's table, but read low byte first."""
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc


@dataclass(frozen=True)
class Packet:
    """One packet: command id and payload."""

    id: int
    payload: bytes


def encode(packet: Packet) -> bytes:
    """The bytes of a packet on the wire.

    Raises:
        WsgProtocolError: if the payload is longer than this driver ever sends.
    """
    if len(packet.payload) > MAX_PAYLOAD_BYTES:
        raise WsgProtocolError(
            f"WSG packet: expected at most {MAX_PAYLOAD_BYTES} payload bytes, "
            f"got {len(packet.payload)}"
        )
    body = _HEADER.pack(PREAMBLE, packet.id, len(packet.payload)) + packet.payload
    return body + struct.pack("<H", checksum(body))


class PacketDecoder:
    """Cuts a byte stream into packets, whatever pieces it arrives in; skips what lies between."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add bytes as received."""
        self._buffer += data

    def next(self) -> Packet | None:
        """The next whole packet, or None until more bytes arrive.

        Raises:
            WsgProtocolError: on a wrong checksum or an absurd length, which it has then passed.
        """
        start = self._buffer.find(PREAMBLE)
        if start < 0:
            del self._buffer[: max(0, len(self._buffer) - len(PREAMBLE) + 1)]
            return None
        del self._buffer[:start]
        if len(self._buffer) < _HEADER.size:
            return None
        _, packet_id, length = _HEADER.unpack_from(self._buffer)
        if length > MAX_PAYLOAD_BYTES:
            del self._buffer[:1]
            raise WsgProtocolError(
                f"WSG packet 0x{packet_id:02X}: expected at most {MAX_PAYLOAD_BYTES} payload "
                f"bytes, its header says {length}; is this a WSG's binary interface?"
            )
        end = _HEADER.size + length
        if len(self._buffer) < end + 2:
            return None
        expected = checksum(bytes(self._buffer[:end]))
        (received,) = struct.unpack_from("<H", self._buffer, end)
        if received != expected:
            del self._buffer[:1]
            raise WsgProtocolError(
                f"WSG packet 0x{packet_id:02X}: expected checksum 0x{expected:04X}, "
                f"got 0x{received:04X}; the connection garbles data"
            )
        payload = bytes(self._buffer[_HEADER.size : end])
        del self._buffer[: end + 2]
        return Packet(packet_id, payload)
