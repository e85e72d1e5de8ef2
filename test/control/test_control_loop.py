import threading
import time

import pytest
from fake_devices import Anywhere, FakeArm, FakeGripper

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.control_loop import ControlLoop
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError


@pytest.fixture
def controller():
    return Controller(
        FakeArm(),
        FakeGripper(),
        behaviour=BehaviourSettings(),
        targets=TargetLimits(),
        reach=Anywhere(),
        motion=MotionLimits(),
    )


def test_it_steps_until_closed_and_then_lets_go_of_the_devices(controller):
    loop = ControlLoop(controller, 100.0)
    loop.start()
    while controller.snapshot.state != "idle":
        time.sleep(0.01)
    loop.close()
    assert not loop.running
    assert controller._arm.calls[-1] == "close"
    assert controller._gripper.closed


def test_closing_in_motion_brings_the_arm_to_rest_first(controller):
    loop = ControlLoop(controller, 100.0)
    loop.start()
    while controller.snapshot.state != "idle":
        time.sleep(0.01)
    controller.home()
    while not controller._arm.followed:
        time.sleep(0.01)
    loop.close()
    assert controller._arm.calls[-2:] == ["stop", "close"]
    assert not controller._arm.twists[-1].any()


def test_a_loop_that_was_never_started_closes(controller):
    ControlLoop(controller, 100.0).close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_crash_lets_go_of_the_arm_and_shows(controller, monkeypatch):
    seen = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: seen.set())
    monkeypatch.setattr(controller._arm, "state", lambda: 1 / 0)
    loop = ControlLoop(controller, 100.0)
    loop.start()
    assert seen.wait(5.0)
    loop.close()
    assert not loop.running
    assert controller._arm.calls[-1] == "close"


@pytest.mark.parametrize("rate_hz", [0.0, 10.0, 5000.0, float("nan")])
def test_an_unusable_rate_is_refused(controller, rate_hz):
    with pytest.raises(ConfigError, match="rate_hz"):
        ControlLoop(controller, rate_hz)


def test_an_arm_that_lets_a_step_wait_shows(controller, monkeypatch):
    answers = threading.Event()
    state = controller._arm.state
    monkeypatch.setattr(controller._arm, "state", lambda: answers.wait(10.0) and state())
    loop = ControlLoop(controller, 100.0)
    assert loop.stuck_s == 0.0
    loop.start()
    while loop.stuck_s < 0.1:
        time.sleep(0.01)
    answers.set()
    while loop.stuck_s > 0.1:
        time.sleep(0.001)
    loop.close()
