"""Slow thinking: from a sentence and one RGB-D frame to sparse waypoints in the camera frame."""

from bridge_ros.planner.protocol import Planner

__all__ = ["Planner"]
