"""The controller with real drivers, whose devices are simulated or not there."""

import os
import threading
import time

import pytest
from simulated_robot import SimulatedRobot

from bridge_ros.control.controller_service import ControllerService
from bridge_ros.control.controller_settings import ControllerSettings
from bridge_ros.errors import ConfigError
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.status import ControllerState

NOWHERE = f"127.5.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"


def settings(**changes):
    return ControllerSettings(
        arm=ArmSettings(host=NOWHERE), gripper=GripperSettings(host=NOWHERE, port=9), **changes
    )


@pytest.fixture
def service():
    service = ControllerService(settings())
    yield service
    service.close()


def wait_until(condition):
    end_s = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < end_s, "what was waited for did not come"
        time.sleep(0.01)


def threads():
    return sorted(thread.name for thread in threading.enumerate())


def test_the_figures_name_what_is_missing(service):
    service.start()
    wait_until(lambda: "cannot connect" in service.figures()["gripper"])
    wait_until(lambda: NOWHERE in service.figures()["message"])
    figures = service.figures()
    assert figures["level"] == "error"
    assert figures["message"].startswith("disconnected: ")
    assert figures["targets accepted"] == figures["targets refused"] == 0
    assert "dexterity" not in figures


def test_it_is_closed_and_started_again_and_leaves_no_thread(service):
    before = threads()
    for _ in range(2):
        service.start()
        wait_until(lambda: "gripper" in threads())
        wait_until(lambda: service.snapshot().state is ControllerState.DISCONNECTED)
        service.close()
        assert threads() == before


def test_after_a_close_nothing_moves_until_resume():
    robot = SimulatedRobot(5)
    service = ControllerService(
        ControllerSettings(arm=ArmSettings(host=robot.host), gripper=GripperSettings(driver="none"))
    )
    try:
        service.start()
        wait_until(lambda: service.snapshot().state is ControllerState.IDLE)
        service.close()
        service.start()
        wait_until(lambda: service.snapshot().state is ControllerState.STOPPED)
        service.controller.resume()
        wait_until(lambda: service.snapshot().state is ControllerState.IDLE)
    finally:
        service.close()
        robot.kill()


def test_a_loop_that_does_not_run_is_never_taken_for_an_arm_at_rest(service):
    with pytest.raises(RuntimeError, match="the arm is stopped"):
        service.snapshot()


def test_an_unusable_rate_is_refused_before_anything_is_started():
    with pytest.raises(ConfigError, match="rate_hz"):
        ControllerService(settings(rate_hz=1.0))


def test_the_topic_driver_needs_its_topics():
    with pytest.raises(ConfigError, match="arm.driver"):
        ControllerService(
            ControllerSettings(arm=ArmSettings(driver="topic"), gripper=GripperSettings())
        )
