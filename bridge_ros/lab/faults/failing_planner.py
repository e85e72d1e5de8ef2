"""A planner that fails when told to, around one that works."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import StageRecord, WaypointPlan
from bridge_ros.planner import Planner

_POLL_S = 0.05
_ASTRAY_M = 1.0


class FailingPlanner:
    """Implements `Planner`.

    Args:
        planner: the one that works.
        word: what is wrong at the moment: dead, slow (no answer as long as the word holds),
            garbage, astray, breaks; anything else lets plans pass as they are.
    """

    def __init__(self, planner: Planner, word: Callable[[], str]) -> None:
        self._planner = planner
        self._word = word

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner`."""
        while self._word() == "slow":
            time.sleep(_POLL_S)
        if self._word() == "dead":
            raise PlanError("the model's server cannot be reached (connection refused)")
        if self._word() == "breaks":
            raise IndexError("index 7 is out of bounds for dimension 0 with size 3")
        plan = self._planner.plan(rgb, depth_m, intrinsics, instruction, history)
        if self._word() == "garbage":
            return replace(plan, waypoints=np.full_like(plan.waypoints, math.nan))
        if self._word() == "astray":
            waypoints = plan.waypoints.copy()
            waypoints[0, 2] += _ASTRAY_M
            return replace(plan, waypoints=waypoints)
        return plan
