"""StageRecord: one entry of a task's history."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.plan.waypoint_plan import WaypointPlan
from bridge_ros.status import StageOutcome


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """What became of an earlier stage of the same task."""

    plan: WaypointPlan
    outcome: StageOutcome
    """Never that it still runs."""
