"""What is done to connections behind franky's back."""

import os
import socket

import pytest

from bridge_ros.hardware.franky_connection import shut_down_connections


def descriptors():
    return sorted(os.listdir("/proc/self/fd"))


def test_connections_to_a_device_are_shut_down_and_nothing_else_is_left_open(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_server(("127.0.0.1", 0)) as other,
        (tmp_path / "file").open("w") as file,
        socket.create_connection(server.getsockname()) as client,
        socket.create_connection(other.getsockname()) as stranger,
    ):
        before = descriptors()
        shut_down_connections("127.0.0.1", server.getsockname()[1])
        assert descriptors() == before
        assert client.recv(1) == b""
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(1)
        file.write("still open")
