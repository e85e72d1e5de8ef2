"""Waypoints to a smooth, time-parameterised pose trajectory, and the guidance sampled from it."""

from bridge_ros.trajectory.guidance import GuidanceClock, GuidanceSettings
from bridge_ros.trajectory.limits import ANY_WORKSPACE, TrajectoryLimits, Workspace
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory
from bridge_ros.trajectory.stage_monitor import StageMonitor, StageMonitorSettings

__all__ = [
    "ANY_WORKSPACE",
    "GuidanceClock",
    "GuidanceSettings",
    "PoseTrajectory",
    "StageMonitor",
    "StageMonitorSettings",
    "TrajectoryLimits",
    "Workspace",
]
