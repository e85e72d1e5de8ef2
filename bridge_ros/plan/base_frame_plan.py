"""BaseFramePlan: the plan of one stage in the robot's base frame."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.plan.stage_plan import StagePlan


@dataclass(frozen=True, kw_only=True)
class BaseFramePlan(StagePlan):
    """A stage in the robot's base frame: what trajectories are fitted to, and demonstrators write.

    See StagePlan for the attributes.
    """
