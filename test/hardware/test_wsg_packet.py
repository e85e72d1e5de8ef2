import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_ros.hardware.wsg_packet import (
    MAX_PAYLOAD_BYTES,
    Packet,
    PacketDecoder,
    WsgProtocolError,
    checksum,
    encode,
)

packets = st.builds(Packet, st.integers(0, 0xA9), st.binary(max_size=40))


def decode(*pieces):
    decoder = PacketDecoder()
    found = []
    for piece in pieces:
        decoder.feed(piece)
        while (packet := decoder.next()) is not None:
            found.append(packet)
    return found


def test_a_packet_looks_as_the_manual_s_example():
    assert encode(Packet(0x01, b"")) == bytes.fromhex("aaaaaa010000e810")


def test_the_checksum_of_packet_and_checksum_is_zero():
    assert checksum(encode(Packet(0x20, b"\x01"))) == 0


@given(st.lists(packets, max_size=4), st.data())
def test_packets_survive_any_cut_of_the_stream(sent, data):
    stream = b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    bounds = [0, *cuts, len(stream)]
    assert decode(*(stream[a:b] for a, b in zip(bounds, bounds[1:], strict=False))) == sent


@given(packets, st.binary(max_size=20).filter(lambda noise: b"\xaa" not in noise))
def test_noise_between_packets_is_skipped(packet, noise):
    assert decode(noise + encode(packet) + noise + encode(packet)) == [packet, packet]


@given(packets, st.data())
def test_a_flipped_bit_never_yields_a_packet_unnoticed(packet, data):
    stream = bytearray(encode(packet))
    place = data.draw(st.integers(0, len(stream) * 8 - 1))
    stream[place // 8] ^= 1 << (place % 8)
    with contextlib.suppress(WsgProtocolError):
        assert decode(bytes(stream)) == []


def test_after_a_garbled_packet_the_next_one_is_found():
    good = Packet(0xB0, b"\x00")
    garbled = bytearray(encode(good))
    garbled[-1] ^= 0xFF
    decoder = PacketDecoder()
    decoder.feed(bytes(garbled) + encode(good))
    with pytest.raises(WsgProtocolError, match="checksum"):
        decoder.next()
    assert decoder.next() == good


def test_an_absurd_length_is_an_error_and_not_waited_for():
    decoder = PacketDecoder()
    decoder.feed(b"\xaa\xaa\xaa\x20" + struct.pack("<H", 60000))
    with pytest.raises(WsgProtocolError, match="60000"):
        decoder.next()


def test_a_payload_that_is_too_long_is_not_sent():
    with pytest.raises(WsgProtocolError, match="expected at most"):
        encode(Packet(1, bytes(MAX_PAYLOAD_BYTES + 1)))
