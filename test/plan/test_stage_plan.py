from dataclasses import replace

import numpy as np
import pytest

from bridge_ros.errors import PlanError
from bridge_ros.plan import BaseFramePlan, GripperAction, WaypointPlan

WAYPOINTS = np.array([[0.0, 0.0, 0.8], [0.0, 0.05, 0.85], [0.0, 0.1, 0.9]])


def entries(**changes):
    good = {
        "waypoints": WAYPOINTS,
        "target_pose": np.array([0.0, 0.1, 0.9, 0.0, 0.0, 0.0, 1.005]),
        "gripper_action": GripperAction.CLOSE,
        "approach_width_m": 0.08,
        "subgoal": "grasp it",
        "final": False,
    }
    return good | changes


def with_point(number, point):
    points = WAYPOINTS.copy()
    points[number] = point
    return points


@pytest.mark.parametrize("frame", [WaypointPlan, BaseFramePlan])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"waypoints": []}, "no waypoints"),
        ({"waypoints": WAYPOINTS[-1:]}, "waypoints: expected at least 2, .* got 1"),
        ({"waypoints": np.zeros((3, 2))}, r"waypoints: expected \(N, 3\), got shape \(3, 2\)"),
        ({"waypoints": np.zeros((3, 7))}, r"waypoints: expected \(N, 3\), got shape \(3, 7\)"),
        ({"waypoints": [["a", "b", "c"]]}, "waypoints: expected numbers"),
        ({"waypoints": with_point(1, [np.nan, 0, 0.8])}, "waypoint 2 of 3 is not finite"),
        ({"waypoints": with_point(1, [0, 0.05, np.inf])}, "waypoint 2 of 3 is not finite"),
        ({"target_pose": np.zeros(6)}, "target pose: expected 7 numbers"),
        ({"target_pose": np.full(7, np.nan)}, "target pose: expected finite"),
        (
            {"target_pose": [0, 0.1, 0.9, 0, 0, 0, 2.0]},
            "target pose: .*, got norm 2",
        ),
        ({"target_pose": [0, 0.2, 0.9, 0, 0, 0, 1.0]}, "100.0 mm from the target pose"),
        ({"approach_width_m": -0.01}, "approach_width: expected metres from 0, got -0.01"),
        ({"approach_width_m": float("nan")}, "approach_width: expected metres from 0, got nan"),
        ({"approach_width_m": float("inf")}, "approach_width: expected metres from 0, got inf"),
        (
            {"gripper_action": 7},
            "gripper_action: expected one of 0 .keep., .* got 7",
        ),
    ],
)
def test_a_malformed_plan_cannot_be_made(frame, changes, said):
    with pytest.raises(PlanError, match=said):
        frame(**entries(**changes))


def test_a_plan_cannot_be_changed_into_a_malformed_one():
    plan = WaypointPlan(**entries())
    with pytest.raises(PlanError, match="waypoint 1 of 3 is not finite"):
        replace(plan, waypoints=with_point(0, [np.nan, 0, 0.8]))


def test_a_plan_keeps_its_own_numbers_with_the_quaternion_normalised():
    waypoints = WAYPOINTS.copy()
    plan = WaypointPlan(**entries(waypoints=waypoints))
    waypoints[:] = 0.0
    np.testing.assert_array_equal(plan.waypoints, WAYPOINTS)
    assert np.linalg.norm(plan.target_pose[3:]) == pytest.approx(1.0, abs=1e-12)
