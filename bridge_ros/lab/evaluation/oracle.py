"""The oracle: a planner that reads the next keypoint from the simulator instead of an image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, compose, invert, transform_points
from bridge_ros.plan.waypoint_plan import StageRecord, WaypointPlan

if TYPE_CHECKING:
    from bridge_ros.sim.privileged_state import PrivilegedState
    from bridge_ros.sim.tasks.task import Task


class OraclePlanner:
    """Implements `Planner` for one episode of a task; images and history are not looked at.

    Args:
        task, state: of the episode.
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
    """

    def __init__(self, task: Task, state: PrivilegedState, T_base_camera: FloatArray) -> None:
        self._task = task
        self._state = state
        self._camera_from_base = invert(T_base_camera)

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        plan = self._task.next_stage(self._state)
        return replace(
            plan,
            waypoints=transform_points(self._camera_from_base, plan.waypoints),
            target_pose=compose(self._camera_from_base, plan.target_pose),
        )
