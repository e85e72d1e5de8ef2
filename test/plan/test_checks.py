from dataclasses import replace

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan.checks import PlanLimits, check_plan
from bridge_ros.plan.waypoint_plan import GripperAction, WaypointPlan

INTRINSICS = Intrinsics(width=640, height=480, fx=600.0, fy=600.0, cx=319.5, cy=239.5)
WAYPOINTS = np.array([[0.0, 0.0, 0.8], [0.0, 0.05, 0.85], [0.0, 0.1, 0.9]])
GOOD = WaypointPlan(
    waypoints=WAYPOINTS,
    target_pose=np.array([0.0, 0.1, 0.9, 0.0, 0.0, 0.0, 1.005]),
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


def test_a_good_plan_passes_with_its_quaternion_normalised():
    assert np.linalg.norm(check().target_pose[3:]) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waypoints": np.zeros((0, 3))}, "expected 2 to 16, got 0"),
        ({"waypoints": np.tile(WAYPOINTS, (9, 1))}, "got 27"),
        ({"waypoints": WAYPOINTS[-1:]}, "expected 2 to 16, got 1"),
        ({"waypoints": np.zeros((3, 2))}, r"expected \(N, 3\)"),
        ({"waypoints": with_point(1, [np.nan, 0, 0.8])}, "waypoint 2 of 3: expected finite"),
        ({"waypoints": with_point(1, [0, 0.05, np.inf])}, "waypoint 2 of 3: expected finite"),
        ({"waypoints": with_point(0, [0, 0, -0.8])}, "waypoint 1 of 3: .* in front of the camera"),
        ({"waypoints": with_point(0, [0, 0, 850.0])}, "waypoint 1 of 3: .* got 850"),
        ({"waypoints": with_point(1, [3.0, 0, 0.8])}, "waypoint 2 of 3: it projects to pixel"),
        ({"waypoints": with_point(1, WAYPOINTS[0])}, "waypoint 2 of 3: expected 0.002 to 1.0 m"),
        ({"target_pose": np.array([0, 0.1, 0.9, 0, 0, 0, 2.0])}, "unit quaternion, got norm 2"),
        ({"target_pose": np.full(7, np.nan)}, "target pose: expected finite"),
        ({"target_pose": np.array([0, 0.2, 0.9, 0, 0, 0, 1.0])}, "100.0 mm from the target pose"),
        ({"approach_width_m": 0.2}, "approach width: expected 0 to 0.11 m"),
        ({"approach_width_m": float("nan")}, "approach width"),
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
