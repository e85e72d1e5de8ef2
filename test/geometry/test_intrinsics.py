import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics

D435 = Intrinsics(width=640, height=480, fx=615.0, fy=614.0, cx=320.5, cy=238.2)


@given(st.floats(0, 639), st.floats(0, 479), st.floats(0.2, 3.0))
def test_projecting_a_deprojected_pixel_gives_it_back(u, v, depth):
    point = D435.deproject([u, v], depth)
    assert point[2] == pytest.approx(depth)
    np.testing.assert_allclose(D435.project(point), [u, v], atol=1e-6)


def test_an_image_deprojects_pixel_by_pixel():
    depth = np.full((480, 640), 0.8, np.float32)
    depth[10, 20] = 0.0
    cloud = D435.deproject_image(depth)
    np.testing.assert_allclose(cloud[100, 200], D435.deproject([200, 100], 0.8), rtol=1e-6)
    np.testing.assert_array_equal(cloud[10, 20], np.zeros(3))


def test_a_camera_without_focal_length_is_refused():
    with pytest.raises(ConfigError, match="positive"):
        Intrinsics(width=640, height=480, fx=0.0, fy=1.0, cx=0.0, cy=0.0)
