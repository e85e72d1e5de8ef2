"""The oracle: a planner that reads the next keypoint from the simulator instead of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import StageRecord, WaypointPlan, plan_in_camera

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
        self._T_base_camera = T_base_camera

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        return plan_in_camera(self._task.next_stage(self._state), self._T_base_camera)
