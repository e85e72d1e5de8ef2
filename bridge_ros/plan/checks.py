"""What a plan may ask for, checked for every plan, whoever wrote it: a person, a rule, a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan.frames import expect_camera_frame
from bridge_ros.plan.stage_plan import MIN_WAYPOINTS, check_end
from bridge_ros.plan.waypoint_plan import WaypointPlan
from bridge_ros.settings.ranges import NotNegative, Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class PlanLimits:
    """What a plan may ask for.

    Attributes:
        max_waypoints: of one stage.
        min_gap_m, max_gap_m: between one waypoint and the next.
        min_depth_m, max_depth_m: distance along the camera's axis.
        image_margin: how far outside the image a waypoint may project, as a share of its size;
            a lift may well leave the image at the top.
        stroke_m: largest opening of the gripper.
        end_tolerance_m: between the last waypoint and the target pose.
    """

    max_waypoints: Annotated[int, Range(MIN_WAYPOINTS)] = 16
    min_gap_m: NotNegative = 0.002
    max_gap_m: NotNegative = 1.0
    min_depth_m: NotNegative = 0.20
    max_depth_m: NotNegative = 2.5
    image_margin: NotNegative = 1.0
    stroke_m: NotNegative = 0.110
    end_tolerance_m: NotNegative = 0.001

    def __post_init__(self) -> None:
        check_ranges(self)


def check_plan(plan: WaypointPlan, intrinsics: Intrinsics, limits: PlanLimits) -> WaypointPlan:
    """The same plan, if it may be published.

    Raises:
        PlanError: naming the waypoint, or what else is wrong, and what was expected.
    """
    expect_camera_frame(plan)
    points = plan.waypoints
    if len(points) > limits.max_waypoints:
        raise PlanError(f"waypoints: expected at most {limits.max_waypoints}, got {len(points)}")
    for number, point in enumerate(points):
        name = f"waypoint {number + 1} of {len(points)}"
        if not limits.min_depth_m <= point[2] <= limits.max_depth_m:
            raise PlanError(
                f"{name}: expected {limits.min_depth_m} to {limits.max_depth_m} m in front of the "
                f"camera, got {point[2]:.3f}"
            )
        _check_in_image(name, intrinsics.project(point), intrinsics, limits.image_margin)
        if number:
            gap_m = float(np.linalg.norm(point - points[number - 1]))
            if not limits.min_gap_m <= gap_m <= limits.max_gap_m:
                raise PlanError(
                    f"{name}: expected {limits.min_gap_m} to {limits.max_gap_m} m from the one "
                    f"before it, got {gap_m:.4f}"
                )
    check_end(points, plan.target_pose, limits.end_tolerance_m)
    width_m = plan.approach_width_m
    if width_m is not None and width_m > limits.stroke_m:
        raise PlanError(f"approach width: expected 0 to {limits.stroke_m} m, got {width_m}")
    return plan


def _check_in_image(name: str, pixel: np.ndarray, intrinsics: Intrinsics, margin: float) -> None:
    size = np.array([intrinsics.width, intrinsics.height])
    if (pixel < -margin * size).any() or (pixel > (1.0 + margin) * size).any():
        raise PlanError(
            f"{name}: it projects to pixel ({pixel[0]:.0f}, {pixel[1]:.0f}), too far outside "
            f"the image of {size[0]}x{size[1]}"
        )
