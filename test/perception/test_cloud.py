"""CloudBuilder: depth images to points in base."""

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, ObservationError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import transform_points
from bridge_ros.perception import CloudBuilder, CloudSettings

CAMERA = Intrinsics(width=64, height=48, fx=61.5, fy=61.5, cx=31.5, cy=23.5)
POSE = np.array([1.2, 0.0, 0.7, 0.6485210579387556, 0.6485210579387556, -0.2818163, -0.2818163])
EVERYWHERE = CloudSettings(min_m=(-9, -9, -9), max_m=(9, 9, 9), max_depth_m=5.0, stride=1)


@pytest.fixture
def depth():
    image = np.full((48, 64), 0.9, dtype=np.float32)
    image[:10] = 0.0
    image[:, 50:] = 3.0
    return image


def test_points_are_those_of_the_pinhole_in_base_without_unknown_depth(depth):
    cloud = CloudBuilder(EVERYWHERE).build(depth, CAMERA, POSE)
    expected = CAMERA.deproject_image(depth)[depth > 0]
    assert cloud.dtype == np.float32
    assert np.allclose(cloud, transform_points(POSE, expected), atol=1e-5)


def test_the_box_the_range_and_the_stride_are_obeyed(depth):
    settings = CloudSettings(min_m=(0.2, -0.3, -0.1), max_m=(0.8, 0.3, 0.3), stride=2)
    cloud = CloudBuilder(settings).build(depth, CAMERA, POSE)
    everything = CloudBuilder(EVERYWHERE).build(depth, CAMERA, POSE)
    assert 0 < len(cloud) < len(everything) / 4
    assert (cloud > settings.min_m).all()
    assert (cloud < settings.max_m).all()


def test_a_camera_that_was_moved_is_noticed(depth):
    builder = CloudBuilder(EVERYWHERE)
    before = builder.build(depth, CAMERA, POSE)
    after = builder.build(depth, CAMERA, POSE + [0.1, 0, 0, 0, 0, 0, 0])
    assert np.allclose(after - before, [0.1, 0.0, 0.0], atol=1e-5)


def test_an_image_without_any_depth_is_refused_rather_than_an_empty_table(depth):
    with pytest.raises(ObservationError, match="is the camera covered"):
        CloudBuilder(EVERYWHERE).build(np.zeros_like(depth), CAMERA, POSE)


def test_an_image_of_another_size_is_refused(depth):
    with pytest.raises(ObservationError, match="expected 48 x 64"):
        CloudBuilder(EVERYWHERE).build(depth[:, :32], CAMERA, POSE)


@pytest.mark.parametrize("change", [{"stride": 0}, {"max_depth_m": 0.0}, {"min_m": (1, 1, 1)}])
def test_settings_say_what_was_expected(change):
    with pytest.raises(ConfigError, match="expected"):
        CloudSettings(**change)
