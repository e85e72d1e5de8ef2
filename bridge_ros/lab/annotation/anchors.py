"""Where in the image a stage is anchored: at what is grasped, placed on, or moved (figure 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, position_of
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan
from bridge_ros.planner.vlm.anchor_depth import depth_at

_DEEPEST_M = 0.20
_STEP_M = 0.0025
_SAME_M = 0.01


def anchor_of(
    plan: WaypointPlan,
    start: FloatArray,
    down: FloatArray,
    depth_m: NDArray[np.float32],
    intrinsics: Intrinsics,
    limits: PlanLimits,
) -> FloatArray:
    """The pixel `(2,)` (u, v) that a planner should point at.

    A grasp is anchored at its keypoint, and a motion at what is held. What is put down is anchored
    at what it comes to stand on: the keypoint is in the air yet, and the depth measured at its
    pixel is of whatever happens to be behind or before it.

    Args:
        plan: what was demonstrated, in the camera frame.
        start: `(3,)` [m], of the point between the fingertips as the stage begins.
        down: `(3,)`, the unit vector of gravity in the camera frame.
        depth_m: `(H, W)` [m] as the stage begins.
        limits: give the depths that count as measured.
    """
    if plan.gripper_action is GripperAction.KEEP:
        return intrinsics.project(start)
    keypoint = position_of(plan.target_pose)
    if plan.gripper_action is GripperAction.OPEN:
        below = _first_seen_below(keypoint, down, depth_m, intrinsics, limits)
        return intrinsics.project(keypoint if below is None else below)
    return intrinsics.project(keypoint)


def _first_seen_below(
    point: FloatArray,
    down: FloatArray,
    depth_m: NDArray[np.float32],
    intrinsics: Intrinsics,
    limits: PlanLimits,
) -> FloatArray | None:
    """The first point at or below a point that lies on a surface in the image; None if none does.

    What hides the way down is passed over: it is nearer to the camera than the points behind it.
    """
    for way_m in np.arange(0.0, _DEEPEST_M, _STEP_M):
        candidate = point + way_m * down
        try:
            measured_m = depth_at(
                depth_m,
                intrinsics.project(candidate),
                min_depth_m=limits.min_depth_m,
                max_depth_m=limits.max_depth_m,
            )
        except PlanError:
            continue
        if abs(measured_m - candidate[2]) < _SAME_M:
            return candidate
    return None
