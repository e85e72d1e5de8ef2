"""From a planner's stage, in the camera frame, to the trajectory that carries it out, in base."""

from __future__ import annotations

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import GripperAction, WaypointPlan, plan_in_base
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings


def fit_plan(
    plan: WaypointPlan,
    T_base_camera: FloatArray,
    start_pose: FloatArray,
    start_width: float,
    settings: TrajectorySettings,
) -> PoseTrajectory:
    """The trajectory of a plan (paper, section 3.1).

    Args:
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
        start_pose: `(7,)` base frame. start_width: [m].

    Raises:
        PlanError: naming what is unusable, and why.
    """
    in_base = plan_in_base(plan, T_base_camera)
    approach = start_width if plan.approach_width_m is None else plan.approach_width_m
    end = {
        GripperAction.KEEP: approach,
        GripperAction.OPEN: settings.open_width_m,
        GripperAction.CLOSE: settings.closed_width_m,
    }[plan.gripper_action]
    return PoseTrajectory.fit(
        start_pose,
        in_base.waypoints,
        in_base.target_pose,
        start_width=start_width,
        approach_width=approach,
        end_width=end,
        limits=settings.limits,
        workspace=settings.workspace,
    )
