import numpy as np
import pytest

from bridge_ros.hardware.fr3_kinematics import (
    HIGHEST_RAD,
    LOWEST_RAD,
    jacobian_at,
    joint_frames,
    velocity_bounds,
)
from bridge_ros.hardware.joint_rates import joint_rates

HOME = np.array([0.0, -0.5716, 0.0, -1.966, 0.0, 1.3944, 0.7854])
STILL, NO_PULL = np.zeros(6), np.zeros(7)
BOUNDS = velocity_bounds(HOME)


def jacobian(joints):
    """Of a point 20 cm beyond the flange."""
    frames = joint_frames(joints)
    return jacobian_at(frames, (frames[-1] @ [0.0, 0.0, 0.2, 1.0])[:3])


def test_the_tool_moves_as_wanted():
    twist = np.array([0.1, 0.05, -0.1, 0.1, 0.0, 0.2])
    rates = joint_rates(twist, jacobian(HOME), NO_PULL, BOUNDS)
    np.testing.assert_allclose(jacobian(HOME) @ rates, twist, atol=1e-9)


def test_the_elbow_goes_home_and_the_tool_does_not_feel_it():
    joints = HOME + np.array([0.4, 0.0, -0.4, 0.0, 0.2, 0.0, 0.0])
    away_rad = np.abs(HOME - joints).max()
    twist = np.array([0.02, 0.0, 0.0, 0.0, 0.0, 0.1])
    for _ in range(1000):
        rates = joint_rates(twist, jacobian(joints), 0.5 * (HOME - joints), BOUNDS)
        np.testing.assert_allclose(jacobian(joints) @ rates, twist, atol=1e-9)
        twist = STILL
        joints = joints + 0.01 * rates
    at_rest = joint_rates(STILL, jacobian(joints), 0.5 * (HOME - joints), BOUNDS)
    assert np.abs(at_rest).max() < 0.002
    assert np.abs(HOME - joints).max() < 0.8 * away_rad


@pytest.mark.parametrize("fold_rad", [-1.966, -0.2])
def test_what_is_too_fast_for_a_joint_is_slower_in_the_same_direction(fold_rad):
    joints = HOME.copy()
    joints[3] = fold_rad  # Nearly stretched: a little of the tool's motion takes much of joint 4.
    twist = np.array([1.5, -0.5, 0.8, 1.0, 2.0, -1.0])
    least, greatest = velocity_bounds(joints)
    rates = joint_rates(twist, jacobian(joints), NO_PULL, (0.5 * least, 0.5 * greatest))
    assert np.maximum(rates / greatest, rates / least).max() == pytest.approx(0.5)
    moved = jacobian(joints) @ rates
    np.testing.assert_allclose(
        moved / np.linalg.norm(moved), twist / np.linalg.norm(twist), atol=1e-6
    )


def test_a_joint_near_its_end_is_slow_towards_it_and_free_to_leave():
    joints = HOME.copy()
    joints[3] = LOWEST_RAD[3] + 0.1
    least, greatest = velocity_bounds(joints)
    assert least[3] == pytest.approx(-(np.sqrt(2 * 4.0 * 0.1) - 0.30))
    assert greatest[3] == 2.62
    least, greatest = velocity_bounds(HIGHEST_RAD)
    np.testing.assert_array_equal(greatest, np.zeros(7))
    stuck = joint_rates(
        jacobian(HIGHEST_RAD)[:, 3], jacobian(HIGHEST_RAD), NO_PULL, (least, greatest)
    )
    assert np.abs(stuck).max() < 0.1
