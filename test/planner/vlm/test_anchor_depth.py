import numpy as np
import pytest

from bridge_ros.errors import PlanError
from bridge_ros.planner.vlm.anchor_depth import depth_at


def look(depth, u, v):
    return depth_at(depth, np.array([u, v]), min_depth_m=0.2, max_depth_m=2.5)


def test_a_hole_is_bridged_from_its_rim():
    depth = np.full((480, 640), 0.8, np.float32)
    depth[235:246, 315:326] = 0.0
    assert look(depth, 320.0, 240.0) == pytest.approx(0.8)


def test_at_an_edge_it_is_a_depth_that_was_measured_on_the_anchor_s_side():
    depth = np.full((480, 640), 1.0, np.float32)
    depth[:, :320] = 0.7
    assert look(depth, 317.0, 240.0) == pytest.approx(0.7)
    assert look(depth, 323.0, 240.0) == pytest.approx(1.0)
    assert look(depth, 319.6, 240.0) in (pytest.approx(0.7), pytest.approx(1.0))


def test_noise_and_what_is_no_depth_do_not_count():
    depth = np.random.default_rng(1000).normal(0.8, 0.004, (480, 640)).astype(np.float32)
    depth[238:241, 318:321] = [np.nan, np.inf, 9.0]
    assert look(depth, 319.0, 239.0) == pytest.approx(0.8, abs=0.004)


def test_the_corner_of_the_image_has_a_depth_too():
    assert look(np.full((480, 640), 0.8, np.float32), 639.5, -0.5) == pytest.approx(0.8)


def test_no_depth_is_no_anchor():
    with pytest.raises(PlanError, match=r"anchor: no depth .* of \(320, 240\)"):
        look(np.zeros((480, 640), np.float32), 320.0, 240.0)
    with pytest.raises(PlanError, match="outside the image"):
        look(np.ones((480, 640), np.float32), 640.0, 240.0)
