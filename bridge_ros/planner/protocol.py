"""Planner: the Protocol of everything that writes the next stage of a task."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import StageRecord, WaypointPlan


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
