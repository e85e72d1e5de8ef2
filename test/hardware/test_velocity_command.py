import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError
from bridge_ros.hardware.velocity_command import velocity_command
from bridge_ros.hardware.velocity_settings import VelocitySettings

SETTINGS = VelocitySettings()
HAND_DOWN = np.array([0.4, 0.1, 0.3, 1.0, 0.0, 0.0, 0.0])


def turned(pose, rotvec):
    """The pose turned about axes of the base frame."""
    turn = Rotation.from_rotvec(rotvec) * Rotation.from_quat(pose[3:])
    return np.concatenate([pose[:3], turn.as_quat()])


def test_an_arm_in_place_gets_the_feed_forward_alone():
    twist = np.array([0.1, -0.2, 0.05, 0.3, 0.0, -0.1])
    np.testing.assert_allclose(velocity_command(HAND_DOWN, twist, HAND_DOWN, SETTINGS), twist)


def test_an_error_is_corrected_in_proportion_and_in_the_base_frame():
    goal = turned(HAND_DOWN, [0.0, 0.0, 0.02])
    goal[:3] += [0.001, 0.0, -0.002]
    command = velocity_command(goal, np.zeros(6), HAND_DOWN, SETTINGS)
    np.testing.assert_allclose(command, [0.01, 0.0, -0.02, 0.0, 0.0, 0.2], atol=1e-9)


def test_the_other_sign_of_a_quaternion_is_the_same_orientation():
    goal = turned(HAND_DOWN, [0.0, 0.01, 0.0])
    negated = np.concatenate([goal[:3], -goal[3:]])
    np.testing.assert_allclose(
        velocity_command(negated, np.zeros(6), HAND_DOWN, SETTINGS),
        velocity_command(goal, np.zeros(6), HAND_DOWN, SETTINGS),
        atol=1e-12,
    )


def test_a_great_error_is_corrected_no_faster_than_allowed():
    goal = turned(HAND_DOWN, [2.0, 0.0, 0.0])
    goal[:3] += [0.3, -0.4, 0.0]
    command = velocity_command(goal, np.zeros(6), HAND_DOWN, SETTINGS)
    np.testing.assert_allclose(command[:3], SETTINGS.max_correction_m_s * np.array([0.6, -0.8, 0]))
    np.testing.assert_allclose(command[3:], [SETTINGS.max_correction_rad_s, 0.0, 0.0], atol=1e-9)


def test_no_command_is_faster_than_allowed():
    rng = np.random.default_rng(0)
    for _ in range(200):
        goal = turned(HAND_DOWN + np.r_[rng.normal(size=3), np.zeros(4)], rng.normal(size=3))
        command = velocity_command(goal, 3.0 * rng.normal(size=6), HAND_DOWN, SETTINGS)
        assert np.linalg.norm(command[:3]) <= SETTINGS.max_linear_m_s + 1e-9
        assert np.linalg.norm(command[3:]) <= SETTINGS.max_angular_rad_s + 1e-9


@pytest.mark.parametrize(
    "values", [{"gain_per_s": 100.0}, {"watchdog_s": 0.0}, {"max_linear_m_s": float("nan")}]
)
def test_unusable_settings_are_refused(values):
    with pytest.raises(ConfigError, match="expected"):
        VelocitySettings(**values)
