"""What rviz2 shows: a plan's numbered waypoints, gripper and subgoal; a trajectory's path."""

from __future__ import annotations

import numpy as np
from bridge_interfaces.msg import PoseTrajectory
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, PoseStamped
from nav_msgs.msg import Path
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from bridge_ros.geometry.poses import FloatArray, transform_points
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.ros import topics

_POSES_A_MARK = 5
_YELLOW = ColorRGBA(r=1.0, g=0.82, b=0.25, a=1.0)
_WHITE = ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)
_COLOURS = {
    GripperAction.KEEP: ColorRGBA(r=0.6, g=0.6, b=0.6, a=1.0),
    GripperAction.OPEN: ColorRGBA(r=0.2, g=0.9, b=0.3, a=1.0),
    GripperAction.CLOSE: ColorRGBA(r=1.0, g=0.3, b=0.2, a=1.0),
}
# The outline of the gripper in its own frame: both fingers, the palm, and the approach from above.
_FINGERS = np.array(
    [[0, -0.05, 0], [0, -0.05, -0.06], [0, 0.05, -0.06], [0, 0.05, 0]], dtype=np.float64
)
_APPROACH = np.array([[0, 0, -0.06], [0, 0, -0.14]], dtype=np.float64)


def plan_markers(plan: WaypointPlan | None, *, stamp: Time) -> MarkerArray:
    """The plan in the camera's optical frame; whatever was shown before is removed first.

    Red means that the gripper will close there, green that it will open, grey that it keeps still.
    """
    markers = [Marker(action=Marker.DELETEALL)]
    if plan is not None:
        colour = _COLOURS[plan.gripper_action]
        spheres = _marker("waypoints", Marker.SPHERE_LIST, 0.018, _YELLOW, plan.waypoints)
        outline = np.concatenate([_FINGERS[:2], _FINGERS[1:3], _FINGERS[2:], _APPROACH])
        gripper = transform_points(plan.target_pose, outline)
        markers += [
            spheres,
            _marker("path", Marker.LINE_STRIP, 0.004, _YELLOW, plan.waypoints),
            _marker("gripper", Marker.LINE_LIST, 0.006, colour, gripper),
            _text("subgoal", plan.subgoal, 0.035, gripper[-1] - [0.0, 0.03, 0.0]),
        ]
        markers += [
            _text(f"waypoint {i}", str(i), 0.025, point - [0.0, 0.025, 0.0])
            for i, point in enumerate(plan.waypoints, start=1)
        ]
    for marker in markers:
        marker.header.frame_id, marker.header.stamp = topics.OPTICAL_FRAME, stamp
    return MarkerArray(markers=markers)


def trajectory_path(trajectory: PoseTrajectory) -> Path:
    """The way that a trajectory message takes."""
    path = Path(header=trajectory.header)
    path.poses = [
        PoseStamped(header=trajectory.header, pose=pose)
        for pose in trajectory.poses[::_POSES_A_MARK]
    ]
    return path


def _marker(
    namespace: str, kind: int, scale: float, colour: ColorRGBA, points: FloatArray
) -> Marker:
    marker = Marker(ns=namespace, type=kind, action=Marker.ADD, color=colour)
    marker.scale.x = marker.scale.y = marker.scale.z = scale
    marker.pose.orientation.w = 1.0
    marker.points = [Point(x=x, y=y, z=z) for x, y, z in points.tolist()]
    return marker


def _text(namespace: str, text: str, height: float, at: FloatArray) -> Marker:
    marker = Marker(ns=namespace, type=Marker.TEXT_VIEW_FACING, action=Marker.ADD, color=_WHITE)
    marker.text, marker.scale.z = text, height
    marker.pose.position.x, marker.pose.position.y, marker.pose.position.z = at.tolist()
    marker.pose.orientation.w = 1.0
    return marker
