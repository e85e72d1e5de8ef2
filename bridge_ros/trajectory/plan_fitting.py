"""From a planner's stage, in the camera frame, to the trajectory that carries it out, in base."""

from __future__ import annotations

from bridge_ros.errors import ObservationError, PlanError
from bridge_ros.geometry.poses import FloatArray, as_pose, compose, transform_points
from bridge_ros.plan.waypoint_plan import MIN_WAYPOINTS, GripperAction, WaypointPlan
from bridge_ros.status import TrajectoryReason
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory
from bridge_ros.trajectory.settings import TrajectorySettings


def fit_plan(
    plan: WaypointPlan,
    T_base_camera: FloatArray,
    start_pose: FloatArray,
    start_width: float,
    settings: TrajectorySettings,
) -> PoseTrajectory:
    """The trajectory of a plan (paper, section 3.1).

    Args:
        T_base_camera: `(7,)` pose of the plan's frame in base.
        start_pose: `(7,)` base frame. start_width: [m].

    Raises:
        PlanError: naming what is unusable, and why.
    """
    if len(plan.waypoints) < MIN_WAYPOINTS:
        raise PlanError(
            TrajectoryReason.TOO_FEW_WAYPOINTS.because(least=MIN_WAYPOINTS, got=len(plan.waypoints))
        )
    try:
        target_camera = as_pose(plan.target_pose, name="the target pose")
    except ObservationError as error:
        raise PlanError(TrajectoryReason.MALFORMED.because(why=error)) from error
    approach = start_width if plan.approach_width_m is None else plan.approach_width_m
    end = {
        GripperAction.KEEP: approach,
        GripperAction.OPEN: settings.open_width_m,
        GripperAction.CLOSE: settings.closed_width_m,
    }[plan.gripper_action]
    return PoseTrajectory.fit(
        start_pose,
        transform_points(T_base_camera, plan.waypoints),
        compose(T_base_camera, target_camera),
        start_width=start_width,
        approach_width=approach,
        end_width=end,
        limits=settings.limits,
        workspace=settings.workspace,
    )
