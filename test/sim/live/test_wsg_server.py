import socket
import struct
import time

import pytest

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.wsg_connection import WsgConnection
from bridge_ros.hardware.wsg_packet import Packet, PacketDecoder, encode
from bridge_ros.hardware.wsg_protocol import (
    CommandId,
    PositionPd,
    Reply,
    StateFlag,
    Status,
)
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings


def pack_pre_position(width_m, speed_m_s):
    """The payload of command 0x21 that stops where something is in the way."""
    return struct.pack("<Bff", 1, width_m * 1e3, speed_m_s * 1e3)


@pytest.fixture
def jaws():
    return RateLimitedJaws(time.monotonic, width_m=0.05)


@pytest.fixture
def server(jaws):
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        yield server


@pytest.fixture
def connection(server):
    connection = WsgConnection("127.0.0.1", server.port, 1.0)
    yield connection
    connection.close()


def track(width_m):
    return PositionPd(
        width_m=width_m,
        velocity_m_s=0.0,
        kp=15.0,
        kd=1e-3,
        travel_force_n=40.0,
        blocked_force_n=40.0,
    )


def test_unreferenced_fingers_are_measured_but_not_moved(connection):
    measurement = connection.measure()
    assert measurement.width_m == pytest.approx(0.05)
    assert not measurement.state & StateFlag.REFERENCED
    with pytest.raises(HardwareError, match="not initialized"):
        connection.track(track(0.0))


def test_homing_opens_and_references_the_fingers(connection):
    connection.home(5.0)
    measurement = connection.measure()
    assert measurement.width_m == pytest.approx(0.110, abs=0.001)
    assert measurement.state & StateFlag.REFERENCED


def test_a_tracked_width_is_reached(connection):
    connection.home(5.0)
    deadline_s = time.monotonic() + 5.0
    while connection.track(track(0.02)).width_m > 0.0205:
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_pre_position_answers_when_it_is_there(connection):
    connection.home(5.0)
    payload = pack_pre_position(0.06, 0.2)
    connection._request(CommandId.PRE_POSITION, payload, 5.0)
    assert connection.measure().width_m == pytest.approx(0.06, abs=0.002)


def test_a_place_outside_the_stroke_is_a_range_error(connection):
    connection.home(5.0)
    payload = pack_pre_position(0.2, 0.2)
    with pytest.raises(HardwareError, match="range error"):
        connection._request(CommandId.PRE_POSITION, payload, 1.0)


def test_a_move_that_something_blocks_fails():
    jaws = RateLimitedJaws(time.monotonic, width_m=0.1, object_width_m=0.08)
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        connection = WsgConnection("127.0.0.1", server.port, 1.0)
        connection.home(5.0)
        payload = pack_pre_position(0.05, 0.42)
        with pytest.raises(HardwareError, match="axis blocked"):
            connection._request(CommandId.PRE_POSITION, payload, 5.0)
        connection.close()


def test_stop_ends_a_move(connection):
    connection.home(5.0)
    connection.track(track(0.0))
    connection.stop()
    assert not connection.measure().state & StateFlag.MOVING


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (encode(Packet(0x60, b"")), Status.UNKNOWN_COMMAND),
        (encode(Packet(CommandId.ACKNOWLEDGE_FAULT, b"no")), Status.INVALID_PARAMETER),
        (encode(Packet(CommandId.MEASURE, b"\x00"))[:-1] + b"\xff", Status.CHECKSUM_ERROR),
    ],
)
def test_what_it_does_not_understand_it_says(server, sent, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=2.0) as client:
        client.sendall(sent)
        decoder = PacketDecoder()
        decoder.feed(client.recv(100))
        assert Reply.from_packet(decoder.next()).status == status


def test_a_tracking_request_of_another_size_is_refused(connection):
    connection.home(5.0)
    with pytest.raises(HardwareError, match="not enough parameters"):
        connection._request(CommandId.POSITION_PD, b"\x00", 1.0)


def test_a_second_server_on_the_same_port_says_what_is_wrong(server):
    with pytest.raises(HardwareError, match="another simulation"):
        WsgServer(None, WsgServerSettings(port=server.port)).start()


def test_a_client_may_come_after_another_has_left(server):
    for _ in range(3):
        connection = WsgConnection("127.0.0.1", server.port, 1.0)
        connection.measure()
        connection.close()
