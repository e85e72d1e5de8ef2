"""WaypointPlan: the plan of one stage in the camera frame, as every planner writes it."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.plan.stage_plan import StagePlan


@dataclass(frozen=True, kw_only=True)
class WaypointPlan(StagePlan):
    """A stage in the frame of the camera that saw it: what passes from thinking to acting.

    Optical frame: x right, y down, z along the camera's axis. See StagePlan for the attributes.
    """
