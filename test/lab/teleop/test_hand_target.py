import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import rotation_between
from bridge_ros.lab.teleop.device import Deflection
from bridge_ros.lab.teleop.hand_target import HandTarget
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings

DOWN = np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
SETTINGS = TeleopSettings(linear_m_s=0.1, angular_rad_s=0.5, gripper_m_s=0.1)


def deflection(*axes, gripper=0.0):
    values = np.array([*axes, *[0.0] * (6 - len(axes))], dtype=float)
    return Deflection(linear=values[:3], angular=values[3:], gripper=gripper)


def advance(target, asked, *, measured=None, passed_s=0.05, width_m=0.05):
    at = target.pose if measured is None else measured
    target.advance(asked, passed_s, at, width_m, 0.11)


def test_full_deflection_moves_at_the_speed_of_the_settings():
    target = HandTarget(SETTINGS, DOWN)
    advance(target, deflection(1.0, 0.0, -0.5), passed_s=0.05)
    assert target.pose[:3] == pytest.approx([0.405, 0.0, 0.2975])
    assert target.pose[3:] == pytest.approx(DOWN[3:])
    assert target.width_m is None, "what the gripper holds stays held"


def test_turns_are_about_the_base_s_axes_and_keep_the_position():
    target = HandTarget(SETTINGS, DOWN)
    for _ in range(10):
        advance(target, deflection(0, 0, 0, 0, 0, 1.0))
    turn = Rotation.from_quat(target.pose[3:]) * Rotation.from_quat(DOWN[3:]).inv()
    assert turn.as_rotvec() == pytest.approx([0.0, 0.0, 0.25])
    assert target.pose[:3] == pytest.approx(DOWN[:3])
    assert np.linalg.norm(target.pose[3:]) == pytest.approx(1.0)


def test_for_who_faces_the_robot_forwards_is_towards_it():
    target = HandTarget(TeleopSettings(linear_m_s=0.1, operator_yaw_rad=np.pi), DOWN)
    advance(target, deflection(1.0, 1.0))
    assert target.pose[:3] == pytest.approx([0.395, -0.005, 0.3])


def test_targets_wait_for_an_arm_that_is_behind_but_may_come_back_to_it():
    target = HandTarget(SETTINGS, DOWN)
    for _ in range(100):
        advance(target, deflection(1.0), measured=DOWN)
    assert 0.02 < np.linalg.norm(target.pose[:3] - DOWN[:3]) <= SETTINGS.leash_m
    for _ in range(100):
        advance(target, deflection(0, 0, 0, 1.0), measured=DOWN)
    assert 0.15 < rotation_between(target.pose, DOWN) <= SETTINGS.leash_rad
    far = target.pose.copy()
    far[0] += 0.1
    before = np.linalg.norm(target.pose[:3] - far[:3])
    advance(target, deflection(1.0), measured=far)
    assert np.linalg.norm(target.pose[:3] - far[:3]) < before


def test_the_gripper_goes_on_from_where_it_is_and_stays_within_its_stroke():
    target = HandTarget(SETTINGS, DOWN)
    advance(target, deflection(gripper=-1.0), width_m=0.05)
    assert target.width_m == pytest.approx(0.045)
    advance(target, deflection(1.0), width_m=0.2)
    assert target.width_m == pytest.approx(0.045)
    for _ in range(20):
        advance(target, deflection(gripper=-1.0))
    assert target.width_m == 0.0
    for _ in range(50):
        advance(target, deflection(gripper=1.0))
    assert target.width_m == 0.11
