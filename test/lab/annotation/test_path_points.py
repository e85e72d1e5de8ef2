"""Few points that tell a path."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge_ros.lab.annotation.path_points import path_points


def distance_to(polyline, point):
    best = np.inf
    for a, b in zip(polyline, polyline[1:], strict=False):
        share = np.clip((point - a) @ (b - a) / max((b - a) @ (b - a), 1e-12), 0, 1)
        best = min(best, np.linalg.norm(point - a - share * (b - a)))
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), tolerance=st.sampled_from([0.005, 0.02]))
def test_the_polyline_stays_near_the_path_and_ends_with_it(seed, tolerance):
    rng = np.random.default_rng(seed)
    path = np.cumsum(rng.normal(0.0, 0.01, size=(60, 3)), axis=0)
    points = path_points(path, tolerance_m=tolerance, most=100)
    np.testing.assert_array_equal(points[-1], path[-1])
    polyline = np.vstack([path[0], points])
    assert max(distance_to(polyline, point) for point in path) <= tolerance + 1e-9


def test_corners_are_kept_and_no_more():
    up = np.linspace([0, 0, 0], [0, 0, 0.1], 20)
    over = np.linspace([0, 0, 0.1], [0.3, 0, 0.1], 40)
    down = np.linspace([0.3, 0, 0.1], [0.3, 0, 0], 20)
    points = path_points(np.vstack([up, over, down]), tolerance_m=0.01, most=15)
    np.testing.assert_allclose(points, [[0, 0, 0.1], [0.3, 0, 0.1], [0.3, 0, 0]])


def test_a_straight_path_gets_its_middle_and_many_corners_are_bounded():
    straight = path_points(np.linspace([0, 0, 0], [0, 0, 1.0], 9), tolerance_m=0.01, most=15)
    np.testing.assert_allclose(straight, [[0, 0, 0.5], [0, 0, 1.0]])
    zigzag = np.array([[i * 0.05, 0.1 * (i % 2), 0.0] for i in range(40)])
    assert len(path_points(zigzag, tolerance_m=0.01, most=16)) == 16
