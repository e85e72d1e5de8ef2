"""The Franka Hand's driver over the hand's real protocol, against franky-sim."""

import time

import pytest
from simulated_robot import SimulatedRobot, wait_until

from bridge_ros.errors import ConfigError, HardwareError, TargetRefusedError
from bridge_ros.hardware.gripper import make_gripper
from bridge_ros.hardware.gripper_settings import GripperSettings

BLOCK = ("0.554 0 0.521", "0.01 0.012 0.01")
"""Between the fingers, which have 40 mm of room at first."""


@pytest.fixture(scope="module")
def robot():
    robot = SimulatedRobot(8)
    yield robot
    robot.kill()


@pytest.fixture
def drive():
    grippers = []

    def drive(host, **settings):
        settings = {"home": "never", "timeout_s": 2.0, **settings}
        gripper = make_gripper(
            GripperSettings(
                driver="franka_hand", host=host, stroke_m=0.08, max_speed_m_s=0.1, **settings
            )
        )
        grippers.append(gripper)
        gripper.start()
        return gripper

    yield drive
    for gripper in grippers:
        gripper.close()


def measured(gripper):
    try:
        return gripper.state()
    except HardwareError:
        return None


def rests_at(gripper, width_m):
    state = measured(gripper)
    return state and not state.moving and abs(state.width_m - width_m) < 0.003


def test_it_measures_and_leaves_the_fingers_alone_until_it_is_asked(robot, drive):
    gripper = drive(robot.host)
    wait_until(lambda: measured(gripper))
    width_m = gripper.state().width_m
    time.sleep(0.3)
    assert gripper.state().width_m == pytest.approx(width_m, abs=1e-4)
    assert not gripper.state().moving


def test_of_many_widths_the_newest_is_reached(robot, drive):
    gripper = drive(robot.host)
    wait_until(lambda: measured(gripper))
    for width_m in (0.06, 0.01, 0.07, 0.02):
        gripper.set_width(width_m)
        time.sleep(0.1)
    wait_until(lambda: rests_at(gripper, 0.02))
    gripper.set_width(0.06)
    wait_until(lambda: rests_at(gripper, 0.06))
    assert gripper.state().force_n == 0.0


def test_referencing_comes_before_the_first_measurement(robot, drive):
    gripper = drive(robot.host, home="always")
    assert measured(gripper) is None
    wait_until(lambda: measured(gripper))


def test_a_width_that_the_hand_does_not_have_is_refused(robot, drive):
    gripper = drive(robot.host)
    for width_m in (0.09, -0.01, float("nan")):
        with pytest.raises(TargetRefusedError, match="expected 0 to 0.08"):
            gripper.set_width(width_m)


def test_what_keeps_the_fingers_from_closing_is_gripped_and_let_go(drive):
    robot = SimulatedRobot(9, BLOCK)
    try:
        gripper = drive(robot.host, force_n=30.0)
        wait_until(lambda: measured(gripper))
        gripper.set_width(0.0)
        wait_until(lambda: measured(gripper) and gripper.state().force_n == 30.0)
        assert gripper.state().width_m == pytest.approx(0.024, abs=0.002)
        for narrower_m in (0.002, gripper.state().width_m - 0.0015):
            gripper.set_width(narrower_m)
            time.sleep(0.5)
            assert gripper.state().force_n == 30.0
        gripper.set_width(0.06)
        wait_until(lambda: rests_at(gripper, 0.06))
        assert gripper.state().force_n == 0.0
    finally:
        robot.kill()


def test_fingers_on_their_way_are_halted(robot, drive):
    gripper = drive(robot.host)
    wait_until(lambda: measured(gripper))
    gripper.set_width(0.07)
    wait_until(lambda: rests_at(gripper, 0.07))
    gripper.set_width(0.0)
    wait_until(lambda: gripper.state().width_m < 0.06)
    gripper.halt()
    wait_until(lambda: measured(gripper) and not gripper.state().moving)
    width_m = gripper.state().width_m
    time.sleep(0.3)
    assert width_m > 0.004
    assert gripper.state().width_m == pytest.approx(width_m, abs=1e-3)
    gripper.set_width(0.07)
    wait_until(lambda: rests_at(gripper, 0.07))


def test_closing_the_driver_breaks_off_a_motion(robot, drive):
    gripper = drive(robot.host)
    wait_until(lambda: measured(gripper))
    gripper.set_width(0.08 if gripper.state().width_m < 0.04 else 0.0)
    wait_until(lambda: gripper.state().moving)
    gripper.close()
    again = drive(robot.host)
    wait_until(lambda: measured(again))
    assert not again.state().moving


@pytest.mark.parametrize("how", ["freeze", "kill"])
def test_a_hand_that_falls_silent_in_motion_is_noticed_and_found_again(robot, drive, how):
    gripper = drive(robot.host)
    wait_until(lambda: measured(gripper))
    gripper.set_width(0.08 if gripper.state().width_m < 0.04 else 0.0)
    wait_until(lambda: gripper.state().moving)
    getattr(robot, how)()
    wait_until(lambda: measured(gripper) is None)
    with pytest.raises(HardwareError, match=robot.host):
        gripper.state()
    robot.kill()
    robot.start()
    wait_until(lambda: measured(gripper), 30.0)


def test_without_a_hand_the_state_says_what_is_tried(drive):
    gripper = drive("127.0.99.97", timeout_s=0.5)
    with pytest.raises(HardwareError, match=r"Franka Hand at 127\.0\.99\.97"):
        gripper.state()


@pytest.mark.parametrize("values", [{"stroke_m": 0.11}, {"max_speed_m_s": 0.15}, {"force_n": 80.0}])
def test_what_the_hand_cannot_do_is_refused(values):
    settings = {"stroke_m": 0.08, "max_speed_m_s": 0.1, **values}
    with pytest.raises(ConfigError, match="with a Franka Hand"):
        GripperSettings(driver="franka_hand", **settings)
