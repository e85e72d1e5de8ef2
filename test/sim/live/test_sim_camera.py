"""The simulated camera as a frame source, fed by a state link without a simulator."""

import threading

import numpy as np
import pytest

from bridge_ros.errors import CameraError, ConfigError
from bridge_ros.sim.live.camera import SimCamera
from bridge_ros.sim.live.state_link import Hello, StateLinkServer, WorldState
from bridge_ros.sim.registry import make_scene
from bridge_ros.sim.world import World


class Feed:
    """A state link that keeps sending one world's initial state with growing stamps."""

    def __init__(self, seed, port=0, nq=None):
        self.world = World(make_scene("tabletop", seed))
        self.qpos = self.world.new_data().qpos.copy()
        hello = Hello(scene="tabletop", seed=seed, nq=nq or self.qpos.size)
        self.server = StateLinkServer(hello, host="127.0.0.1", port=port)
        self.server.start()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        stamp_s = 5000.0
        while not self._done.wait(0.02):
            stamp_s += 0.02
            self.server.publish(WorldState(stamp_s=stamp_s, time_s=stamp_s, qpos=self.qpos))

    def close(self):
        self._done.set()
        self._thread.join()
        self.server.close()


@pytest.fixture
def feed():
    feed = Feed(seed=1)
    yield feed
    feed.close()


def camera_of(feed, **options):
    return SimCamera("127.0.0.1", feed.server.port, 100.0, start_timeout_s=10.0, **options)


def test_frames_show_the_simulator_s_world_with_its_stamps(feed):
    camera = camera_of(feed)
    camera.start()
    first, second = camera.read(5.0), camera.read(5.0)
    camera.stop()
    assert 5000.0 < first.stamp_s < second.stamp_s
    assert first.intrinsics == feed.world.intrinsics
    assert (first.rgb == second.rgb).mean() > 0.999
    assert not np.array_equal(first.depth_m, second.depth_m), (
        "noise must differ from frame to frame"
    )


def test_a_simulator_that_comes_back_with_another_seed_is_followed(feed):
    camera = camera_of(feed)
    camera.start()
    before = camera.read(5.0)
    port = feed.server.port
    feed.close()
    with pytest.raises(CameraError):
        camera.read(0.3)
    again = Feed(seed=2, port=port)
    camera.start()
    after = camera.read(5.0)
    camera.stop()
    again.close()
    assert (before.rgb != after.rgb).any(axis=-1).mean() > 0.01


def test_no_simulator_is_an_error_that_says_what_to_start():
    camera = SimCamera("127.0.0.1", 1, start_timeout_s=0.2)
    with pytest.raises(CameraError, match="sim_node"):
        camera.start()
    camera.stop()


def test_a_simulator_of_another_version_is_refused():
    feed = Feed(seed=1, nq=7)
    camera = SimCamera("127.0.0.1", feed.server.port, start_timeout_s=0.2)
    with pytest.raises(CameraError, match="one version"):
        camera.start()
    camera.stop()
    feed.close()


def test_stop_may_come_at_any_time(feed):
    camera = camera_of(feed)
    camera.stop()
    camera.start()
    camera.stop()
    camera.stop()


def test_a_rate_of_zero_is_refused():
    with pytest.raises(ConfigError, match="rate_hz"):
        SimCamera(rate_hz=0.0)
