import socket
import threading

import pytest

from bridge_ros.errors import HardwareError
from bridge_ros.sim.live.tcp_server import TcpServer


def echo(client):
    with client:
        client.sendall(client.recv(100))


@pytest.fixture
def server():
    server = TcpServer("echo", ("127.0.0.1", 0), echo, remedy="stop what does")
    server.start()
    yield server
    server.close()


def ask(server, word):
    with socket.create_connection(("127.0.0.1", server.port), timeout=5.0) as client:
        client.sendall(word)
        return client.recv(100)


def test_clients_are_served_one_after_the_other(server):
    assert [ask(server, word) for word in (b"one", b"two")] == [b"one", b"two"]


def test_it_listens_on_the_same_port_when_it_starts_again(server):
    port = server.port
    server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5.0)
    server.start()
    assert server.port == port
    assert ask(server, b"again") == b"again"


def test_a_client_that_stays_is_told_to_go_by_closing():
    accepted = threading.Event()

    def stay(client):
        with client:
            accepted.set()
            server.closing.wait()

    server = TcpServer("stay", ("127.0.0.1", 0), stay, remedy="")
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5.0) as client:
        assert accepted.wait(5.0)
        server.close()
        server.close()
        assert client.recv(1) == b""


def test_a_taken_address_is_named_with_what_to_do(server):
    second = TcpServer("second", ("127.0.0.1", server.port), echo, remedy="stop what does")
    with pytest.raises(HardwareError, match=rf"second: .*:{server.port} .*; stop what does"):
        second.start()


def test_the_port_is_not_known_before_the_start():
    with pytest.raises(HardwareError, match="expected to be started"):
        TcpServer("late", ("127.0.0.1", 0), echo, remedy="").port  # noqa: B018
