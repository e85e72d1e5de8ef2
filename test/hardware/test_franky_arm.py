"""FrankyArm over the real Franka Control Interface, against franky-sim."""

import dataclasses
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from simulated_robot import HAND, SimulatedRobot, wait_until

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.geometry.poses import compose, pose_from_matrix, rotation_between
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.franky_arm import FrankyArm

START = (0.0, 0.0, 0.0, -1.57, 0.0, 1.57, 0.785)


@pytest.fixture(scope="module")
def robot():
    robot = SimulatedRobot(1)
    yield robot
    robot.kill()


def make_arm(host, tool=HAND, **settings):
    settings = {"host": host, "connect_timeout_s": 2.0, **settings}
    return FrankyArm(ArmSettings(**settings), tool=tool, home_joints=START)


@pytest.fixture(params=["impedance", "velocity"])
def arm(robot, request):
    arm = make_arm(robot.host, mode=request.param)
    arm.connect()
    yield arm
    arm.close()


def true_tcp(joints):
    """By another library, from the robot's own description."""
    import franky_sim
    import pinocchio

    folder = Path(franky_sim.__file__).parent
    model = pinocchio.buildModelFromUrdf(str(folder / "assets/fr3_clean.urdf"))
    data = model.createData()
    pinocchio.framesForwardKinematics(model, data, np.asarray(joints))
    return compose(
        pose_from_matrix(data.oMf[model.getFrameId("link8")].homogeneous), HAND.flange_to_tcp
    )


def follow_line(arm, offset, steps=100):
    start = arm.state().ee_pose
    twist = np.array([*offset, 0.0, 0.0, 0.0]) / (0.01 * steps)
    for step in range(1, steps + 1):
        pose = start.copy()
        pose[:3] += np.array(offset) * step / steps
        arm.follow(pose, twist)
        time.sleep(0.01)
    arm.follow(pose, np.zeros(6))
    return pose


def test_the_pose_is_that_of_the_tool_whatever_desk_has_configured(arm):
    state = arm.state()
    expected = true_tcp(state.joint_positions)
    np.testing.assert_allclose(state.ee_pose[:3], expected[:3], atol=1e-4)
    assert rotation_between(state.ee_pose, expected) < 1e-3


def test_forward_kinematics_agrees_with_another_library(arm):
    joints = np.array([0.3, -0.5, 0.2, -2.0, 0.1, 1.6, 0.9])
    pose, expected = arm.pose_of(joints), true_tcp(joints)
    np.testing.assert_allclose(pose[:3], expected[:3], atol=1e-6)
    assert rotation_between(pose, expected) < 1e-6


def test_at_first_the_robot_is_idle_and_not_in_our_control(arm):
    state = arm.state()
    assert (state.mode, state.errors, state.in_control) == ("idle", (), False)


def test_it_follows_poses_and_rests_after_a_stop(arm):
    arm.start()
    goal = follow_line(arm, [0.0, 0.05, -0.03])
    state = arm.state()
    assert (state.mode, state.in_control) == ("move", True)
    np.testing.assert_allclose(state.ee_pose[:3], goal[:3], atol=0.01)
    arm.stop()
    wait_until(lambda: not arm.state().in_control)
    assert arm.state().mode == "idle"
    assert np.abs(arm.state().joint_velocities).max() < 0.05


def test_a_stopped_motion_may_be_started_again(arm):
    for _ in range(3):
        arm.start()
        follow_line(arm, [0.0, 0.0, 0.002], steps=5)
        arm.stop()
    wait_until(lambda: not arm.state().in_control)
    assert arm.state().errors == ()


def test_in_velocity_mode_an_arm_that_nobody_steers_any_more_brakes_by_itself(robot):
    arm = make_arm(robot.host, mode="velocity")
    arm.connect()
    arm.start()
    start = arm.state().ee_pose
    arm.follow(start, np.array([0.0, 0.05, 0.0, 0.0, 0.0, 0.0]))
    wait_until(lambda: np.abs(arm.state().joint_velocities).max() > 0.03)
    wait_until(lambda: np.abs(arm.state().joint_velocities).max() < 0.005)
    assert arm.state().in_control
    assert 0.003 < np.linalg.norm(arm.state().ee_pose[:3] - start[:3]) < 0.02
    wait_until(lambda: not arm.state().in_control)
    assert arm.state().errors == ("its motion ended",)
    arm.follow(start, np.zeros(6))
    assert not arm.state().in_control
    arm.close()


def test_a_target_without_a_motion_does_nothing(arm):
    before = arm.state().ee_pose
    arm.follow(before + [0.1, 0, 0, 0, 0, 0, 0], np.zeros(6))
    time.sleep(0.1)
    np.testing.assert_allclose(arm.state().ee_pose[:3], before[:3], atol=1e-3)


def test_recovering_a_healthy_robot_succeeds(arm):
    assert arm.recover()


@pytest.fixture
def other_client(robot):
    """Another process that holds the robot until it is killed."""
    program = (
        "import sys, franky\n"
        "robot = franky.Robot(sys.argv[1], realtime_config=franky.RealtimeConfig.Ignore)\n"
        "print('connected', flush=True)\n"
        "sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, robot.host],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "connected\n"
    yield process
    process.kill()
    process.communicate()


def test_while_another_client_holds_the_robot_connecting_fails_in_time(robot, other_client):
    arm = make_arm(robot.host, connect_timeout_s=0.5)
    for _ in range(2):
        with pytest.raises(HardwareError, match="no answer within 0.5 s"):
            arm.connect()
    other_client.kill()
    other_client.wait()

    def connected():
        try:
            arm.connect()
        except HardwareError:
            return False
        return True

    wait_until(connected)
    assert arm.state().mode == "idle"
    arm.close()


def test_an_address_without_a_robot_is_refused_at_once():
    with pytest.raises(HardwareError, match=r"127\.0\.99\.99"):
        make_arm("127.0.99.99").connect()


def test_before_connecting_there_is_no_state():
    with pytest.raises(HardwareError, match="not connected"):
        make_arm("127.0.99.99").state()


def test_stop_and_close_are_safe_without_a_connection():
    arm = make_arm("127.0.99.99")
    arm.stop()
    arm.close()


def test_a_tool_lighter_than_what_desk_says_is_refused(robot):
    arm = make_arm(robot.host, dataclasses.replace(HAND, mass_kg=0.2))
    with pytest.raises(HardwareError, match="Desk"):
        arm.connect()


@pytest.mark.parametrize("how", ["freeze", "kill"])
def test_a_robot_that_falls_silent_in_motion_is_noticed_and_found_again(robot, arm, how):
    arm.start()
    follow_line(arm, [0.0, 0.0, 0.005], steps=10)
    getattr(robot, how)()

    def silent():
        try:
            return not arm.state().in_control
        except HardwareError:
            return True

    wait_until(silent)
    arm.close()
    robot.kill()
    robot.start()
    arm.connect()
    assert arm.state().mode == "idle"


@pytest.mark.parametrize(
    "values",
    [
        {"host": ""},
        {"translational_stiffness_n_m": 1e5},
        {"collision_force_n": 0.0},
        {"connect_timeout_s": float("nan")},
    ],
)
def test_unusable_settings_are_refused(values):
    with pytest.raises(ConfigError, match="expected"):
        ArmSettings(**values)
