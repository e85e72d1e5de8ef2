"""Any planner, with a log of what it was shown, what was said, and what became of it."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import PlanLimits, StageRecord, WaypointPlan, check_plan
from bridge_ros.planner.protocol import Planner
from bridge_ros.planner.vlm.plan_log import PlanLog, PlanRecord


class LoggedPlanner:
    """Implements `Planner`: the plan of another one, checked, and logged whatever came of it."""

    def __init__(self, planner: Planner, log: PlanLog, limits: PlanLimits) -> None:
        self._planner = planner
        self._log = log
        self._limits = limits

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        started_s = time.monotonic()
        plan: WaypointPlan | None = None
        verdict = "accepted"
        try:
            found = self._planner.plan(rgb, depth_m, intrinsics, instruction, history)
            plan = check_plan(found, intrinsics, self._limits)
            return plan
        except Exception as error:
            # For the record only: whoever asked decides what to do about it.
            verdict = f"refused: {type(error).__name__}: {error}"
            raise
        finally:
            record = PlanRecord(
                rgb=rgb,
                depth_m=depth_m,
                intrinsics=intrinsics,
                instruction=instruction,
                history=history,
                transcript=getattr(self._planner, "transcript", ()),
                plan=plan,
                verdict=verdict,
                took_s=time.monotonic() - started_s,
            )
            self._log.add(record, time.time())
