import numpy as np
import pytest

from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.hardware.fr3_kinematics import (
    HIGHEST_RAD,
    LOWEST_RAD,
    dexterity,
    jacobian_at,
    joint_frames,
    joint_margin_rad,
    tcp_pose,
)

HOME = np.array([0.0, -0.5716, 0.0, -1.966, 0.0, 1.3944, 0.7854])
TOOL = np.array([0.01, -0.02, 0.235, 0.0, 0.0, -0.3826834, 0.9238795])


@pytest.mark.parametrize("joint", range(7))
def test_the_margin_is_that_of_the_nearest_limit(joint):
    for limit_rad, inwards in ((LOWEST_RAD[joint], 0.05), (HIGHEST_RAD[joint], -0.05)):
        joints = HOME.copy()
        joints[joint] = limit_rad + inwards
        assert joint_margin_rad(joints) == pytest.approx(0.05)
        joints[joint] = limit_rad - inwards
        assert joint_margin_rad(joints) == pytest.approx(-0.05)


def test_the_jacobian_is_the_derivative_of_the_tool_s_position():
    jacobian = jacobian_at(joint_frames(HOME), tcp_pose(HOME, TOOL)[:3])
    for joint in range(7):
        step = np.zeros(7)
        step[joint] = 1e-6
        moved = tcp_pose(HOME + step, TOOL)[:3] - tcp_pose(HOME - step, TOOL)[:3]
        np.testing.assert_allclose(moved / 2e-6, jacobian[:3, joint], atol=1e-6)


def test_dexterity_shrinks_as_the_arm_is_stretched():
    bent, stretched = HOME.copy(), HOME.copy()
    bent[3], stretched[3] = -2.0, -0.2
    assert 0.0 < dexterity(stretched, IDENTITY_POSE) < 0.6 * dexterity(bent, IDENTITY_POSE)
