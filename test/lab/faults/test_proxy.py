"""TcpProxy: the real driver and the real server of the gripper, with a bad line between."""

import socket
import threading
import time

import pytest

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.wsg_connection import WsgConnection
from bridge_ros.hardware.wsg_protocol import PositionPd
from bridge_ros.lab.faults.proxy import TcpProxy
from bridge_ros.lab.faults.wsg_tampering import Garbled, Halved, Jammed, Trickling
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings

HOST = "127.0.0.1"
OPEN_M, CLOSED_M = 0.11, 0.02


class Echo:
    """A device that says what it hears."""

    def __init__(self):
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                while data := self.hear(client):
                    client.sendall(data)

    @staticmethod
    def hear(client):
        try:
            return client.recv(4096)
        except OSError:
            return b""

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()


@pytest.fixture
def line():
    echo = Echo()
    with TcpProxy((HOST, 0), (HOST, echo.port)) as proxy:
        yield proxy
    echo.close()


def connect(proxy):
    connection = socket.create_connection((HOST, proxy.port), timeout=10.0)
    connection.sendall(b"hello")
    assert connection.recv(100) == b"hello"
    return connection


def heard_end(connection):
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def test_a_cut_line_ends_for_both_and_can_be_taken_up_again(line):
    with connect(line) as connection:
        line.cut()
        assert heard_end(connection)
    with connect(line):
        assert line.connections == 1


def test_a_refusing_line_takes_nobody_until_it_is_started_again(line):
    with connect(line) as connection:
        line.refuse()
        assert heard_end(connection)
        with pytest.raises(OSError):
            connect(line)
    line.start()
    connect(line).close()


def test_a_taken_address_says_so(line):
    with pytest.raises(HardwareError, match="choose another --robot-host"):
        TcpProxy((HOST, line.port), (HOST, 1)).start()


@pytest.fixture
def gripper():
    """A referenced gripper's proxy, and a connection through it."""
    jaws = RateLimitedJaws(time.monotonic)
    with (
        WsgServer(jaws, WsgServerSettings(host=HOST, port=0)) as server,
        TcpProxy((HOST, 0), (HOST, server.port)) as proxy,
    ):
        connection = WsgConnection(HOST, proxy.port, 0.5)
        connection.home(10.0)
        yield proxy, connection
        connection.close()


def close_it(connection):
    """One step of closing; tells the opening."""
    request = PositionPd(
        width_m=CLOSED_M,
        velocity_m_s=0.0,
        kp=15.0,
        kd=1e-3,
        travel_force_n=40.0,
        blocked_force_n=40.0,
    )
    return connection.track(request).width_m


def close_until(connection, width_m, within_s=20.0):
    """Whether the fingers, which move by the clock however fast they are asked, get there."""
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        if close_it(connection) < width_m:
            return True
    return False


def test_untouched_and_trickling_replies_close_the_gripper(gripper):
    proxy, connection = gripper
    assert close_until(connection, OPEN_M - 0.01)
    proxy.tamper(Trickling())
    assert close_until(connection, CLOSED_M + 0.002)


@pytest.mark.parametrize(
    ("tampering", "what"), [(Garbled, "expected checksum"), (Halved, "no reply to position pd")]
)
def test_broken_replies_are_noticed(gripper, tampering, what):
    proxy, connection = gripper
    proxy.tamper(tampering())
    with pytest.raises(HardwareError, match=what):
        close_it(connection)


def test_jammed_fingers_answer_as_if_they_were_told_and_stay(gripper):
    proxy, connection = gripper
    proxy.tamper(Jammed())
    assert not close_until(connection, OPEN_M - 0.001, within_s=0.2)
    proxy.tamper(None)
    assert close_until(connection, CLOSED_M + 0.002)
