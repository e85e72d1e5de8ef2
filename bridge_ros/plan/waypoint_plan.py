"""The plan of one stage, as every planner writes it, and the Protocol of planners."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray

MIN_WAYPOINTS = 2
"""The way and its end: a lone point would leave the way to it to chance."""


class GripperAction(IntEnum):
    """What the gripper does at a keypoint; the numbers are those of WaypointPlan.msg."""

    KEEP = 0
    OPEN = 1
    CLOSE = 2


@dataclass(frozen=True, kw_only=True)
class WaypointPlan:
    """One stage of a task (paper, section 3.1): coarse waypoints that end at the next keypoint.

    Attributes:
        waypoints: `(N, 3)` camera frame [m], N >= 2; the last one is the target's position.
        target_pose: `(7,)` end-effector pose at the keypoint, camera frame. The end effector's
            z axis points out of the gripper, its y axis along the opening of the fingers.
        gripper_action: what the gripper does at the keypoint.
        approach_width_m: gripper opening on the way there; None keeps it as it is.
        subgoal: for people, e.g. "grasp the red cube".
        final: whether the task is done once this stage is.
    """

    waypoints: FloatArray
    target_pose: FloatArray
    gripper_action: GripperAction
    approach_width_m: float | None
    subgoal: str
    final: bool


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """What became of an earlier stage of the same task."""

    plan: WaypointPlan
    outcome: str
    """`reached`, `grasped`, `missed` (the fingers closed on nothing) or `failed`."""


class Planner(Protocol):
    """Looks at one frame and writes the next stage. Slow: runs in a worker, never in a callback."""

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """Write the next stage of `instruction`, given what became of the earlier ones.

        Args:
            rgb: `(H, W, 3)` uint8. depth_m: `(H, W)` float32 [m], 0 where unknown.

        Raises:
            PlanError: with a text that tells a person which word or thing is the trouble.
        """
