import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ObservationError
from bridge_ros.geometry.poses import (
    IDENTITY_POSE,
    as_pose,
    compose,
    distance_between,
    interpolate,
    invert,
    look_at,
    matrix_from_pose,
    pose_at,
    pose_from_matrix,
    position_of,
    quaternion_of,
    rotation_between,
    rotation_of,
    tilt,
    transform_points,
)

coordinate = st.floats(-2, 2)
poses = st.builds(
    lambda xyz, rotvec: np.concatenate([xyz, Rotation.from_rotvec(rotvec).as_quat()]),
    st.tuples(coordinate, coordinate, coordinate).map(np.array),
    st.tuples(coordinate, coordinate, coordinate).map(np.array),
)


def assert_same_pose(a, b):
    np.testing.assert_allclose(a[:3], b[:3], atol=1e-9)
    # Not exactly zero even for equal rotations: the angle near zero has half the digits.
    assert rotation_between(a, b) < 1e-6


@given(poses)
def test_a_pose_composed_with_its_inverse_is_the_identity(pose):
    assert_same_pose(compose(pose, invert(pose)), IDENTITY_POSE)
    assert_same_pose(compose(invert(pose), pose), IDENTITY_POSE)


@given(poses, poses, poses)
def test_composition_is_associative(a, b, c):
    assert_same_pose(compose(compose(a, b), c), compose(a, compose(b, c)))


@given(poses)
def test_matrices_and_poses_convert_into_each_other(pose):
    assert_same_pose(pose_from_matrix(matrix_from_pose(pose)), pose)


@given(poses, poses)
def test_transforming_points_agrees_with_composition(a, b):
    np.testing.assert_allclose(transform_points(a, b[None, :3])[0], compose(a, b)[:3], atol=1e-9)


@given(poses, poses, st.floats(0, 1))
def test_interpolation_covers_its_share_of_distance_and_angle(a, b, fraction):
    middle = interpolate(a, b, fraction)
    distance = np.linalg.norm(b[:3] - a[:3])
    assert np.linalg.norm(middle[:3] - a[:3]) == pytest.approx(fraction * distance, abs=1e-9)
    angle = rotation_between(a, b)
    assert rotation_between(a, middle) == pytest.approx(fraction * angle, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([0, 0, 0, 0, 0, 0], "7 numbers"),
        ([0, 0, float("nan"), 0, 0, 0, 1], "finite"),
        ([0, 0, 0, 0, 0, 0, 2], "unit quaternion"),
        ([0, 0, 0, 0, 0, 0, 0], "unit quaternion"),
    ],
)
def test_an_unusable_pose_is_refused_with_the_reason(value, reason):
    with pytest.raises(ObservationError, match=reason):
        as_pose(value)


def test_an_optical_frame_that_looks_at_a_point_is_level_and_has_it_ahead():
    position, target = np.array([1.2, 0.3, 0.7]), np.array([0.45, -0.1, 0.05])
    pose = look_at(position, target)
    ahead = transform_points(invert(pose), target[None])[0]
    np.testing.assert_allclose(ahead, [0.0, 0.0, np.linalg.norm(target - position)], atol=1e-9)
    right = Rotation.from_quat(pose[3:]).apply([1.0, 0.0, 0.0])
    assert right[2] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("axis", "expected"), [("z", 0.0), ("x", 0.4), ("y", 0.4)])
def test_tilt_is_measured_from_the_vertical_whatever_the_heading(axis, expected):
    turn = Rotation.from_euler("z", 1.0) * Rotation.from_euler(axis, 0.4)
    assert tilt([0.1, 0.2, 0.3, *turn.as_quat()]) == pytest.approx(expected, abs=1e-7)


def test_a_pose_is_put_together_from_the_parts_that_are_read_from_it():
    rng = np.random.default_rng(5)
    poses = pose_at(rng.normal(size=(4, 3)), Rotation.random(4, random_state=5))
    np.testing.assert_array_equal(pose_at(position_of(poses), quaternion_of(poses)), poses)
    one = poses[2]
    np.testing.assert_array_equal(position_of(one), position_of(poses)[2])
    np.testing.assert_array_equal(pose_at(position_of(one), quaternion_of(one)), one)
    turned = pose_at(position_of(one), rotation_of(one))
    assert distance_between(turned, one) == 0.0
    assert rotation_between(turned, one) < 1e-12


def test_the_distance_between_poses_is_that_of_their_positions():
    a, b = pose_at([0.1, 0.2, 0.3], [0, 0, 0, 1]), pose_at([0.1, 0.5, -0.1], [1, 0, 0, 0])
    assert distance_between(a, b) == pytest.approx(0.5)
    assert distance_between(a, position_of(b)) == pytest.approx(0.5)
