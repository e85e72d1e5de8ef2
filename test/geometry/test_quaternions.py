"""Single quaternions against SciPy's rotations."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.geometry import quaternions


@pytest.fixture(params=range(20))
def pair(request):
    return Rotation.random(2, random_state=request.param)


def same(q, rotation):
    return np.isclose(abs(q @ rotation.as_quat()), 1.0, atol=1e-12)


def test_products_and_inverses(pair):
    a, b = pair
    qa, qb = a.as_quat(), b.as_quat()
    assert same(quaternions.multiply(qa, qb), a * b)
    assert same(quaternions.multiply(quaternions.inverse(qa), qb), a.inv() * b)


def test_rotation_vectors_there_and_back(pair):
    a, _ = pair
    np.testing.assert_allclose(quaternions.to_rotvec(a.as_quat()), a.as_rotvec(), atol=1e-9)
    np.testing.assert_allclose(quaternions.to_rotvec(-a.as_quat()), a.as_rotvec(), atol=1e-9)
    assert same(quaternions.from_rotvec(a.as_rotvec()), a)


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-7, 1e-5, 1e-3, np.pi - 1e-6])
def test_small_and_large_angles(angle):
    rotvec = angle * np.array([0.6, 0.0, -0.8])
    q = quaternions.from_rotvec(rotvec)
    assert np.isclose(np.linalg.norm(q), 1.0)
    np.testing.assert_allclose(quaternions.to_rotvec(q), rotvec, rtol=1e-9, atol=1e-15)


def test_normalised():
    np.testing.assert_allclose(
        quaternions.normalised(np.array([0.0, 0.0, 3.0, 4.0])), [0, 0, 0.6, 0.8]
    )
