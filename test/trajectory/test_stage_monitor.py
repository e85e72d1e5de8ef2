"""StageMonitor: reached, grasped, missed, failed, from measurements alone."""

import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.plan import GripperAction
from bridge_ros.status import ExpertReason, StageOutcome
from bridge_ros.trajectory import StageMonitor, StageMonitorSettings

POSE = np.array([0.5, 0.0, 0.1, 1.0, 0.0, 0.0, 0.0])
AWAY = POSE + [0.03, 0, 0, 0, 0, 0, 0]


def watch(action, measurements, ended=True):
    """The outcome after (seconds, pose, width) measurements at 20 Hz."""
    monitor = StageMonitor(action)
    now = 100.0
    for duration_s, pose, width in measurements:
        for _ in range(round(duration_s / 0.05)):
            monitor.update(
                now,
                trajectory_ended=ended,
                ee_pose=pose,
                target_pose=POSE,
                gripper_width_m=width() if callable(width) else width,
            )
            now += 0.05
    return monitor


@pytest.mark.parametrize(
    ("action", "width", "outcome"),
    [
        (GripperAction.KEEP, 0.05, StageOutcome.REACHED),
        (GripperAction.OPEN, 0.10, StageOutcome.REACHED),
        (GripperAction.CLOSE, 0.04, StageOutcome.GRASPED),
        (GripperAction.CLOSE, 0.001, StageOutcome.MISSED),
    ],
)
def test_a_settled_arm_with_still_fingers_has_an_outcome(action, width, outcome):
    monitor = watch(action, [(0.6, POSE, width)])
    assert monitor.outcome is outcome
    assert monitor.cause.message


def test_nothing_is_decided_before_the_trajectory_ends():
    monitor = watch(GripperAction.KEEP, [(20.0, POSE, 0.05)], ended=False)
    assert monitor.outcome is StageOutcome.RUNNING


def test_fingers_that_still_move_are_waited_for():
    widths = iter(np.linspace(0.08, 0.04, 20))
    monitor = watch(GripperAction.CLOSE, [(1.0, POSE, lambda: next(widths))])
    assert monitor.outcome is StageOutcome.RUNNING
    assert watch(GripperAction.CLOSE, [(0.6, POSE, 0.04)]).outcome is StageOutcome.GRASPED


def test_an_arm_that_arrives_late_still_counts():
    monitor = watch(GripperAction.KEEP, [(2.0, AWAY, 0.05), (0.6, POSE, 0.05)])
    assert monitor.outcome is StageOutcome.REACHED


def test_an_arm_that_never_arrives_has_failed_and_the_text_says_by_how_much():
    monitor = watch(GripperAction.KEEP, [(5.0, AWAY, 0.05)])
    assert monitor.outcome is StageOutcome.FAILED
    assert monitor.cause.reason is ExpertReason.NOT_SETTLED
    assert "30 mm" in monitor.cause.message


SHORT = POSE + [0, 0, 0.03, 0, 0, 0, 0]
"""POSE points down: three centimetres before it."""


@pytest.mark.parametrize(
    ("action", "width", "outcome"),
    [
        (GripperAction.OPEN, 0.10, StageOutcome.REACHED),
        (GripperAction.CLOSE, 0.04, StageOutcome.GRASPED),
        (GripperAction.CLOSE, 0.001, StageOutcome.MISSED),
    ],
)
def test_a_hand_that_came_down_on_something_has_arrived(action, width, outcome):
    assert watch(action, [(0.6, SHORT, width)]).outcome is outcome


@pytest.mark.parametrize(
    ("action", "offset"),
    [
        (GripperAction.KEEP, [0, 0, 0.03]),
        (GripperAction.OPEN, [0, 0, 0.05]),
        (GripperAction.OPEN, [0, 0, -0.03]),
        (GripperAction.OPEN, [0.02, 0, 0.03]),
    ],
    ids=["does nothing", "too far", "beyond", "beside"],
)
def test_a_hand_that_is_elsewhere_has_not(action, offset):
    assert watch(action, [(5.0, POSE + [*offset, 0, 0, 0, 0], 0.05)]).outcome is StageOutcome.FAILED


def test_a_hand_that_still_comes_down_is_waited_for():
    monitor = StageMonitor(GripperAction.OPEN)
    for step in range(20):
        monitor.update(
            100.0 + 0.05 * step,
            trajectory_ended=True,
            ee_pose=POSE + [0, 0, 0.038 - 0.001 * step, 0, 0, 0, 0],
            target_pose=POSE,
            gripper_width_m=0.1,
        )
    assert monitor.outcome is StageOutcome.RUNNING


def test_an_outcome_stays():
    monitor = watch(GripperAction.KEEP, [(0.6, POSE, 0.05), (10.0, AWAY, 0.05)])
    assert monitor.outcome is StageOutcome.REACHED


def test_settings_say_what_was_expected():
    with pytest.raises(ConfigError, match="settle_s: expected more than 0, got 0"):
        StageMonitorSettings(settle_s=0.0)
