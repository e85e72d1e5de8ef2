"""A plan carried from the camera's frame into the base frame, and back."""

from __future__ import annotations

from typing import Any

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray, compose, invert, transform_points
from bridge_ros.plan.base_frame_plan import BaseFramePlan
from bridge_ros.plan.stage_plan import StagePlan
from bridge_ros.plan.waypoint_plan import WaypointPlan


def plan_in_base(plan: WaypointPlan, T_base_camera: FloatArray) -> BaseFramePlan:
    """The same stage in the base frame.

    Args:
        T_base_camera: `(7,)` pose of the camera's optical frame in base.

    Raises:
        PlanError: if the plan is not in the camera frame.
    """
    expect_camera_frame(plan)
    return BaseFramePlan(**_moved(plan, T_base_camera))


def plan_in_camera(plan: BaseFramePlan, T_base_camera: FloatArray) -> WaypointPlan:
    """The same stage as the camera sees it.

    Args:
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
    """
    return WaypointPlan(**_moved(plan, invert(T_base_camera)))


def expect_camera_frame(plan: WaypointPlan) -> None:
    """Raises PlanError for anything else, which a planner without type checks may hand over."""
    if not isinstance(plan, WaypointPlan):
        raise PlanError(
            f"plan: expected a WaypointPlan (camera frame), got a {type(plan).__name__}"
        )


def _moved(plan: StagePlan, T_to_from: FloatArray) -> dict[str, Any]:
    return vars(plan) | {
        "waypoints": transform_points(T_to_from, plan.waypoints),
        "target_pose": compose(T_to_from, plan.target_pose),
    }
