"""The wire between the simulator and its camera."""

import socket
import threading
import time

import numpy as np
import pytest

from bridge_ros.errors import CameraError, HardwareError
from bridge_ros.sim.live.state_link import Hello, StateLinkClient, StateLinkServer, WorldState

HOST = "127.0.0.1"
HELLO = Hello(scene="tabletop", seed=3, nq=4)


@pytest.fixture
def server():
    server = StateLinkServer(HELLO, host=HOST, port=0)
    server.start()
    yield server
    server.close()


def state(number):
    return WorldState(
        stamp_s=1000.0 + number, time_s=0.001 * number, qpos=np.full(4, float(number))
    )


def keep_publishing(server, make_state):
    """Publish until the returned event is set."""
    done = threading.Event()

    def run():
        number = 0
        while not done.wait(0.005):
            server.publish(make_state(number := number + 1))

    threading.Thread(target=run, daemon=True).start()
    return done


def test_a_client_learns_the_world_and_gets_its_states(server):
    done = keep_publishing(server, state)
    client = StateLinkClient(HOST, server.port, timeout_s=5.0)
    assert client.hello == HELLO
    first = client.newest(after_s=0.0, timeout_s=5.0)
    later = client.newest(after_s=first.stamp_s, timeout_s=5.0)
    assert later.stamp_s > first.stamp_s
    np.testing.assert_array_equal(later.qpos, np.full(4, later.stamp_s - 1000.0))
    assert later.time_s == pytest.approx(0.001 * (later.stamp_s - 1000.0))
    done.set()
    client.close()


def test_a_slow_reader_gets_the_newest_state_not_the_oldest(server):
    client = StateLinkClient(HOST, server.port, timeout_s=5.0)
    for number in range(1, 21):
        server.publish(state(number))
        time.sleep(0.01)
    newest = client.newest(after_s=0.0, timeout_s=5.0)
    assert newest.stamp_s == state(20).stamp_s
    client.close()


def test_no_news_in_time_is_an_error(server):
    client = StateLinkClient(HOST, server.port, timeout_s=5.0)
    with pytest.raises(CameraError, match="expected a state in time"):
        client.newest(after_s=0.0, timeout_s=0.1)
    client.close()


def test_a_server_that_goes_away_is_an_error(server):
    client = StateLinkClient(HOST, server.port, timeout_s=5.0)
    server.close()
    with pytest.raises(CameraError, match="closed|lost"):
        client.newest(after_s=0.0, timeout_s=5.0)
    client.close()


def test_nobody_listening_is_an_error_that_names_the_address():
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(CameraError, match=f"{HOST}:{port}"):
        StateLinkClient(HOST, port, timeout_s=0.5)


def test_a_taken_port_is_an_error_that_names_the_setting(server):
    second = StateLinkServer(HELLO, host=HOST, port=server.port)
    with pytest.raises(HardwareError, match="camera_port"):
        second.start()
    second.close()


def test_a_client_that_vanishes_does_not_disturb_the_others(server):
    done = keep_publishing(server, state)
    leaving = StateLinkClient(HOST, server.port, timeout_s=5.0)
    staying = StateLinkClient(HOST, server.port, timeout_s=5.0)
    leaving.close()
    first = staying.newest(after_s=0.0, timeout_s=5.0)
    assert staying.newest(after_s=first.stamp_s + 10.0, timeout_s=5.0).stamp_s > first.stamp_s
    done.set()
    staying.close()


@pytest.mark.parametrize(
    "line",
    [
        b"SSH-2.0-OpenSSH\n",
        b'{"scene": "tabletop", "seed": 0, "nq": 44, "format": 99}\n',
        b'{"scene": "tabletop", "seed": 0, "nq": 1e9, "format": 2}\n',
        b'{"scene": "tabletop", "seed": "0", "nq": 44, "format": 2}\n',
        b'{"scene": ["tabletop"], "seed": 0, "nq": 44, "format": 2}\n',
        b"[]\n",
        b"x" * 10_000,
    ],
)
def test_a_stranger_s_greeting_is_refused(line):
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].sendall(line))
        thread.start()
        with pytest.raises(CameraError, match="simulator: expected"):
            StateLinkClient(HOST, listener.getsockname()[1], timeout_s=2.0)
        thread.join()


def test_a_malformed_state_is_refused():
    hello = b'{"scene": "tabletop", "seed": 0, "nq": 2, "format": 2}\n'
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=lambda: listener.accept()[0].sendall(hello + b"\xff" * 28))
        thread.start()
        client = StateLinkClient(HOST, listener.getsockname()[1], timeout_s=2.0)
        with pytest.raises(CameraError, match="malformed|closed"):
            client.newest(after_s=0.0, timeout_s=2.0)
        thread.join()
        client.close()


def test_closing_leaves_no_thread():
    before = threading.active_count()
    server = StateLinkServer(HELLO, host=HOST, port=0)
    server.start()
    server.close()
    server.close()
    assert threading.active_count() == before
