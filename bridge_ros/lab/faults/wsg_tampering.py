"""What may become of the WSG's packets on their way."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from bridge_ros.hardware.wsg_packet import Packet, PacketDecoder, encode
from bridge_ros.hardware.wsg_protocol import CommandId

_TRICKLE_S = 0.002


class Garbled:
    """One bit of every reply flips, so that its checksum is wrong."""

    def request(self, data: bytes) -> Iterable[bytes]:
        return (data,)

    def reply(self, data: bytes) -> Iterable[bytes]:
        return (data[:-1] + bytes([data[-1] ^ 0x10]),)


class Halved:
    """Of every reply only the first half arrives."""

    def request(self, data: bytes) -> Iterable[bytes]:
        return (data,)

    def reply(self, data: bytes) -> Iterable[bytes]:
        return (data[: len(data) // 2],)


class Trickling:
    """Replies arrive whole, but byte by byte."""

    def request(self, data: bytes) -> Iterable[bytes]:
        return (data,)

    def reply(self, data: bytes) -> Iterator[bytes]:
        for index in range(len(data)):
            time.sleep(_TRICKLE_S)
            yield data[index : index + 1]


class Jammed:
    """The fingers do not move: position commands become mere measurements on their way.

    Takes over at a packet's boundary: requests and replies come one at a time.
    """

    def __init__(self) -> None:
        self._requests, self._replies = PacketDecoder(), PacketDecoder()
        self._owed = 0

    def request(self, data: bytes) -> Iterator[bytes]:
        self._requests.feed(data)
        while (packet := self._requests.next()) is not None:
            if packet.id == CommandId.POSITION_PD:
                self._owed += 1
                packet = Packet(CommandId.MEASURE, b"\x00")
            yield encode(packet)

    def reply(self, data: bytes) -> Iterator[bytes]:
        self._replies.feed(data)
        while (packet := self._replies.next()) is not None:
            if packet.id == CommandId.MEASURE and self._owed > 0:
                self._owed -= 1
                packet = Packet(CommandId.POSITION_PD, packet.payload)
            yield encode(packet)
