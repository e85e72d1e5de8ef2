"""What stereo does to depth."""

import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.sim.rendering.d435 import D435_INTRINSICS, D435_NOISE, DepthNoise

SHAPE = (480, 640)


def measure(depth_m, seed=0, noise=D435_NOISE):
    return noise.apply(depth_m.astype(np.float32), D435_INTRINSICS, np.random.default_rng(seed))


def wall(distance_m):
    return np.full(SHAPE, distance_m, dtype=np.float32)


def step():
    """A near block in the middle of a far wall."""
    depth_m = wall(1.2)
    depth_m[200:300, 300:400] = 0.8
    return depth_m


def test_depth_is_whole_millimetres():
    millimetres = measure(wall(0.9371)) * 1000
    np.testing.assert_allclose(millimetres, np.rint(millimetres), atol=1e-3)
    assert len(np.unique(millimetres)) > 5


def test_range_noise_grows_with_the_square_of_distance():
    spread = [measure(wall(distance_m)).std() for distance_m in (1.0, 2.0)]
    assert 0.001 < spread[0] < 0.002
    assert spread[1] / spread[0] == pytest.approx(4.0, rel=0.05)


def test_the_noise_has_no_bias():
    assert measure(wall(1.0)).mean() == pytest.approx(1.0, abs=5e-5)


@pytest.mark.parametrize("distance_m", [0.1, 5.0])
def test_what_is_out_of_range_is_unknown(distance_m):
    assert not measure(wall(distance_m)).any()


def test_the_background_left_of_something_near_is_in_stereo_shadow():
    """Its width is the difference of the disparities; the right side is seen by both imagers."""
    noise = DepthNoise(edge_loss=0.0)
    lost = measure(step(), noise=noise) == 0.0
    width_px = D435_INTRINSICS.fx * noise.baseline_m * (1 / 0.8 - 1 / 1.2)
    assert lost[250].sum() == pytest.approx(width_px, abs=1.0)
    assert lost[250, 299] and not lost[250, 400:].any()
    assert not lost[:200].any() and not lost[300:].any()


def test_edges_lose_a_share_of_their_pixels():
    rows = measure(step())[[199, 200], 320:390]
    assert 0.3 < (rows == 0.0).mean() < 0.7


def test_a_slanted_surface_has_no_holes():
    slope = np.linspace(1.4, 0.7, SHAPE[0], dtype=np.float32)[:, None] * np.ones(SHAPE[1])
    assert (measure(slope) > 0.0).all()


def test_noise_follows_from_its_seed():
    np.testing.assert_array_equal(measure(step(), seed=1), measure(step(), seed=1))
    assert not np.array_equal(measure(step(), seed=1), measure(step(), seed=2))


@pytest.mark.parametrize(
    "wrong", [{"edge_loss": 1.5}, {"range_std_at_1m_m": -1.0}, {"max_range_m": 0.1}]
)
def test_impossible_noise_is_refused(wrong):
    with pytest.raises(ConfigError, match="depth noise"):
        DepthNoise(**wrong)
