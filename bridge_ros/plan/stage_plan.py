"""StagePlan: what the plan of one stage holds, whichever frame it is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import FloatArray, as_pose, distance_between
from bridge_ros.plan.gripper_action import GripperAction
from bridge_ros.plan.waypoints import as_waypoints
from bridge_ros.status import TrajectoryReason

MIN_WAYPOINTS = 2
"""The way and its end: a lone point would leave the way to it to chance."""
END_TOLERANCE_M = 0.01
"""Between the last waypoint and the target pose, which are the same place, rounded by hand."""


@dataclass(frozen=True, kw_only=True)
class StagePlan:
    """One stage of a task (paper, section 3.1): coarse waypoints that end at the next keypoint.

    Every plan is of a class that names its frame: WaypointPlan or BaseFramePlan.

    Attributes:
        waypoints: `(N, 3)` [m], N >= 2; the last one is the target's position.
        target_pose: `(7,)` end-effector pose at the keypoint. The end effector's z axis points out
            of the gripper, its y axis along the opening of the fingers.
        gripper_action: what the gripper does at the keypoint.
        approach_width_m: gripper opening on the way there; None keeps it as it is.
        subgoal: for people, e.g. "grasp the red cube".
        final: whether the task is done once this stage is.
        things: names of what the stage is about, as its planner knows them: first what the gripper
            takes or holds, then what that goes to. Empty where the planner does not tell.

    Raises:
        PlanError: naming what is malformed, and what was expected.
    """

    waypoints: FloatArray
    target_pose: FloatArray
    gripper_action: GripperAction
    approach_width_m: float | None
    subgoal: str
    final: bool
    things: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        waypoints = as_waypoints(self.waypoints)
        if len(waypoints) < MIN_WAYPOINTS:
            raise PlanError(
                TrajectoryReason.TOO_FEW_WAYPOINTS.because(least=MIN_WAYPOINTS, got=len(waypoints))
            )
        target_pose = as_pose(self.target_pose, name="target pose", error=PlanError)
        check_end(waypoints, target_pose, END_TOLERANCE_M)
        width_m = self.approach_width_m
        if width_m is not None and not 0.0 <= width_m < np.inf:
            raise PlanError(f"approach_width: expected metres from 0, got {width_m}")
        object.__setattr__(self, "waypoints", waypoints)
        object.__setattr__(self, "target_pose", target_pose)
        object.__setattr__(self, "gripper_action", GripperAction.of(self.gripper_action))


def check_end(waypoints: FloatArray, target_pose: FloatArray, tolerance_m: float) -> None:
    """Raises PlanError unless the last of `(N, 3)` waypoints is where the target pose is."""
    gap_m = distance_between(target_pose, waypoints[-1])
    if not gap_m <= tolerance_m:
        raise PlanError(
            TrajectoryReason.TARGET_ELSEWHERE.because(
                gap_mm=1000.0 * gap_m, limit_mm=1000.0 * tolerance_m
            )
        )
