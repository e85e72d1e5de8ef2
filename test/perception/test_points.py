"""Checks and crops of clouds."""

import numpy as np
import pytest

from bridge_ros.errors import ObservationError
from bridge_ros.perception import check_points, crop_ball

RNG = np.random.default_rng(0)
CLOUD = RNG.uniform(-0.5, 0.5, (20000, 3)).astype(np.float32)


def test_a_crop_keeps_exactly_the_ball_and_drops_what_is_not_finite():
    cloud = CLOUD.copy()
    cloud[::7] = np.nan
    cloud[1::7, 1] = np.inf
    centre = np.array([0.2, 0.1, 0.0])
    kept = crop_ball(cloud, centre, 0.15)
    finite = cloud[np.isfinite(cloud).all(axis=1)]
    assert len(kept) == (np.linalg.norm(finite - centre, axis=1) <= 0.15).sum()
    assert np.isfinite(kept).all()


def test_an_empty_cloud_is_a_cloud():
    assert check_points([]).shape == (0, 3)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (CLOUD * 1000, "millimetres"),
        (np.zeros((5, 4)), r"expected \(N, 3\)"),
        (np.zeros((5, 3), dtype=int), "floating-point"),
        (np.zeros(3), r"expected \(N, 3\)"),
    ],
)
def test_what_is_no_cloud_in_metres_is_refused(points, reason):
    with pytest.raises(ObservationError, match=reason):
        check_points(points)
