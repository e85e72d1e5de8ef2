"""From a plan in the camera frame to a trajectory in base."""

import dataclasses

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.plan import BaseFramePlan, GripperAction, plan_in_base, plan_in_camera
from bridge_ros.trajectory.plan_fitting import fit_plan
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

CAMERA = np.array([1.2, 0.0, 0.7, 0.6485210579, 0.6485210579, -0.2818163186, -0.2818163186])
START = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])
TARGET = np.array([0.5, 0.1, 0.02, 0.98006658, 0.19866933, 0.0, 0.0])
SETTINGS = TrajectorySettings()


@pytest.fixture
def plan():
    waypoints = np.array([[0.5, 0.1, 0.15], TARGET[:3]])
    in_base = BaseFramePlan(
        waypoints=waypoints,
        target_pose=TARGET,
        gripper_action=GripperAction.CLOSE,
        approach_width_m=0.08,
        subgoal="grasp",
        final=False,
    )
    return plan_in_camera(in_base, CAMERA)


def test_it_ends_at_the_target_pose_in_base(plan):
    trajectory = fit_plan(plan, CAMERA, START, 0.05, SETTINGS)
    assert np.allclose(trajectory.poses[-1, :3], TARGET[:3], atol=1e-6)
    assert rotation_between(trajectory.poses[-1], TARGET) < 1e-6


@pytest.mark.parametrize(
    ("action", "approach_m", "expected"),
    [
        (GripperAction.CLOSE, 0.08, (0.08, SETTINGS.closed_width_m)),
        (GripperAction.OPEN, None, (0.05, SETTINGS.open_width_m)),
        (GripperAction.KEEP, None, (0.05, 0.05)),
        (GripperAction.KEEP, 0.03, (0.03, 0.03)),
    ],
)
def test_the_gripper_does_what_the_plan_says(plan, action, approach_m, expected):
    changed = dataclasses.replace(plan, gripper_action=action, approach_width_m=approach_m)
    widths = fit_plan(changed, CAMERA, START, 0.05, SETTINGS).gripper_widths
    assert (widths[0], widths[-1]) == pytest.approx(expected)


def test_a_plan_in_the_base_frame_is_refused(plan):
    with pytest.raises(PlanError, match="expected a WaypointPlan .camera frame., got a BaseFrame"):
        fit_plan(plan_in_base(plan, CAMERA), CAMERA, START, 0.05, SETTINGS)


def test_settings_say_what_was_expected():
    with pytest.raises(ConfigError, match="open_width_m: expected more than closed_width_m, 0.2"):
        TrajectorySettings(closed_width_m=0.2)
    with pytest.raises(ConfigError, match="max_plan_age_s"):
        TrajectorySettings(max_plan_age_s=0.0)
