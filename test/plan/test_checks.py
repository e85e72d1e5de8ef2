from dataclasses import replace

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan, check_plan, plan_in_base

INTRINSICS = Intrinsics(width=640, height=480, fx=600.0, fy=600.0, cx=319.5, cy=239.5)
WAYPOINTS = np.array([[0.0, 0.0, 0.8], [0.0, 0.05, 0.85], [0.0, 0.1, 0.9]])
GOOD = WaypointPlan(
    waypoints=WAYPOINTS,
    target_pose=np.array([0.0, 0.1, 0.9, 0.0, 0.0, 0.0, 1.0]),
    gripper_action=GripperAction.CLOSE,
    approach_width_m=0.08,
    subgoal="grasp it",
    final=False,
)


def check(**changes):
    return check_plan(replace(GOOD, **changes), INTRINSICS, PlanLimits())


def with_point(number, point):
    points = WAYPOINTS.copy()
    points[number] = point
    return points


def test_a_good_plan_passes_as_it_is():
    assert check_plan(GOOD, INTRINSICS, PlanLimits()) is GOOD


def test_a_plan_in_the_base_frame_is_refused():
    with pytest.raises(PlanError, match="expected a WaypointPlan .camera frame., got a BaseFrame"):
        check_plan(plan_in_base(GOOD, IDENTITY_POSE), INTRINSICS, PlanLimits())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waypoints": np.tile(WAYPOINTS, (9, 1))}, "expected at most 16, got 27"),
        ({"waypoints": with_point(0, [0, 0, -0.8])}, "waypoint 1 of 3: .* in front of the camera"),
        ({"waypoints": with_point(0, [0, 0, 850.0])}, "waypoint 1 of 3: .* got 850"),
        ({"waypoints": with_point(1, [3.0, 0, 0.8])}, "waypoint 2 of 3: it projects to pixel"),
        ({"waypoints": with_point(1, WAYPOINTS[0])}, "waypoint 2 of 3: expected 0.002 to 1.0 m"),
        ({"target_pose": np.array([0, 0.105, 0.9, 0, 0, 0, 1.0])}, "5.0 mm from the target pose"),
        ({"approach_width_m": 0.2}, "approach width: expected 0 to 0.11 m"),
    ],
)
def test_a_bad_plan_is_refused_by_name(changes, said):
    with pytest.raises(PlanError, match=said):
        check(**changes)


def test_a_lift_above_the_image_passes():
    points = np.array([[0.0, -0.4, 0.8], [0.0, -0.5, 0.8]])
    pose = np.array([0.0, -0.5, 0.8, 0.0, 0.0, 0.0, 1.0])
    assert check(waypoints=points, target_pose=pose).waypoints.shape == (2, 3)


def test_limits_refuse_nonsense():
    with pytest.raises(ConfigError, match="max_waypoints"):
        PlanLimits(max_waypoints=0)
    with pytest.raises(ConfigError, match="min_gap_m"):
        PlanLimits(min_gap_m=-1.0)
