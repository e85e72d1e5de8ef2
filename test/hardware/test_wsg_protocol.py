import struct

import pytest

from bridge_ros.hardware.wsg_packet import Packet, WsgProtocolError
from bridge_ros.hardware.wsg_protocol import (
    CommandId,
    Measurement,
    PositionPd,
    Reply,
    StateFlag,
    Status,
    unpack_pre_position,
)


def test_position_pd_has_umi_s_layout():
    request = PositionPd(
        width_m=0.05, velocity_m_s=0.1, kp=15.0, kd=1e-3, travel_force_n=40.0, blocked_force_n=30.0
    )
    payload = request.pack()
    assert payload == b"\x00" + struct.pack("<6f", 50.0, 100.0, 15.0, 1e-3, 40.0, 30.0)
    assert PositionPd.unpack(payload).width_m == pytest.approx(0.05)


def test_a_measurement_has_umi_s_layout():
    data = b"\x03" + struct.pack("<4f", 42.0, -10.0, 5.5, 1e9)
    measurement = Measurement.unpack(data)
    assert measurement.state == StateFlag.REFERENCED | StateFlag.MOVING
    assert measurement.width_m == pytest.approx(0.042)
    assert measurement.speed_m_s == pytest.approx(-0.010)
    assert measurement.force_n == pytest.approx(5.5)
    assert measurement.pack() == data


@pytest.mark.parametrize(
    ("unpack", "words"),
    [
        (PositionPd.unpack, "position-PD"),
        (Measurement.unpack, "Lua script"),
        (unpack_pre_position, "pre-position"),
    ],
)
def test_payloads_of_another_size_are_refused(unpack, words):
    with pytest.raises(WsgProtocolError, match=words):
        unpack(b"\x00\x01\x02")


def test_a_reply_needs_a_status():
    with pytest.raises(WsgProtocolError, match="status"):
        Reply.from_packet(Packet(CommandId.HOME, b"\x00"))


def test_replies_name_their_status():
    packet = Reply(id=0x20, status=Status.AXIS_BLOCKED, data=b"").to_packet()
    assert Reply.from_packet(packet).status_name == "axis blocked"
    assert Reply(id=0x20, status=99, data=b"").status_name == "status 99"
