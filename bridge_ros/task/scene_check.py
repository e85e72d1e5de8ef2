"""Whether what a plan is about still is where it was seen; people move things meanwhile."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import position_of
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.status import TaskReason

_RADIUS_M = 0.035
_DEPTH_CHANGE_M = 0.015
_DEPTH_CHANGE_SHARE = 0.01
_COLOUR_CHANGE = 60
_CHANGED_SHARE = 0.25
_LEAST_PIXELS = 30


def check_unmoved(plan: WaypointPlan, then: RGBDFrame, now: RGBDFrame) -> None:
    """Compare what surrounds the target in the image of the plan and in a later one.

    Where the gripper only moves (`KEEP`), nothing is anchored, and nothing is compared.

    Raises:
        PlanError: if a quarter of it is elsewhere, or cannot be seen any more.
    """
    if plan.gripper_action is GripperAction.KEEP:
        return
    if now.intrinsics != then.intrinsics:
        raise PlanError(TaskReason.CAMERA_CHANGED.because())
    patch = _patch(plan, then)
    depth_then, depth_now = then.depth_m[patch], now.depth_m[patch]
    known_then, known_now = _known(depth_then), _known(depth_now)
    known = known_then & known_now
    if np.count_nonzero(known_then) < _LEAST_PIXELS:
        if plan.gripper_action is GripperAction.CLOSE:
            raise PlanError(TaskReason.TARGET_OUTSIDE_IMAGE.because())
        return
    if np.count_nonzero(known) < _LEAST_PIXELS:
        raise PlanError(TaskReason.TARGET_HIDDEN.because())
    tolerance_m = _DEPTH_CHANGE_M + _DEPTH_CHANGE_SHARE * depth_then[known]
    moved = np.abs(depth_now[known] - depth_then[known]) > tolerance_m
    colour = now.rgb[patch].astype(np.int16) - then.rgb[patch]
    repainted = np.abs(colour).max(axis=-1) > _COLOUR_CHANGE
    share = max(float(moved.mean()), float(repainted.mean()))
    if share > _CHANGED_SHARE:
        raise PlanError(TaskReason.SCENE_CHANGED.because(percent=100 * share))


def _patch(plan: WaypointPlan, frame: RGBDFrame) -> tuple[slice, slice]:
    """Rows and columns around the target; empty where it is outside the image."""
    camera = frame.intrinsics
    target = position_of(plan.target_pose)
    u, v = camera.project(target)
    radius = _RADIUS_M * camera.fx / float(target[2])
    return _span(v, radius, camera.height), _span(u, radius, camera.width)


def _span(centre: float, radius: float, size: int) -> slice:
    start, stop = (int(np.clip(round(centre + r), 0, size)) for r in (-radius, radius + 1.0))
    return slice(start, stop)


def _known(depth_m: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.isfinite(depth_m) & (depth_m > 0.0)
