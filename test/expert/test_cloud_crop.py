"""What of a cloud is looked at."""

import numpy as np

from bridge_ros.expert import ExpertConfig
from bridge_ros.expert.cloud_crop import ABSENT, crop_cloud, fill_up

CONFIG = ExpertConfig(point_count=100)
CENTRE = np.array([0.4, 0.1, 0.2])


def cloud(count, spread=0.05):
    rng = np.random.default_rng(0)
    return (CENTRE + rng.uniform(-spread, spread, (count, 3))).astype(np.float32)


def test_a_large_cloud_is_cut_to_distinct_points_of_it_the_same_each_time():
    points = cloud(5000)
    seen = crop_cloud(points, CENTRE, CONFIG, seed=3)
    assert len(np.unique(seen, axis=0)) == 100
    assert (seen[:, None] == points).all(-1).any(1).all()
    assert np.array_equal(seen, crop_cloud(points, CENTRE, CONFIG, seed=3))


def test_a_small_cloud_is_kept_as_it_is():
    points = cloud(60)
    assert np.array_equal(crop_cloud(points, CENTRE, CONFIG), points)


def test_a_tiny_cloud_and_one_elsewhere_are_no_cloud():
    assert crop_cloud(cloud(CONFIG.min_points - 1), CENTRE, CONFIG).shape == (0, 3)
    assert crop_cloud(cloud(5000), CENTRE + 1.0, CONFIG).shape == (0, 3)


def test_points_that_are_not_finite_are_not_looked_at():
    points = cloud(200)
    points[::2] = np.nan
    points[1] = np.inf
    seen = crop_cloud(points, CENTRE, CONFIG)
    assert len(seen) == 99
    assert np.isfinite(seen).all()


def test_clouds_are_filled_up_with_what_is_far_away():
    filled = fill_up(cloud(3), 5)
    assert filled.shape == (5, 3)
    assert (filled[3:] == ABSENT).all()
