"""Settings of the planner node: who thinks, and the task around it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge_ros.planner.backends import BackendSettings
from bridge_ros.settings.ranges import Count, Positive, check_ranges
from bridge_ros.task.executive import TaskSettings


@dataclass(frozen=True, kw_only=True)
class PlannerSettings(BackendSettings):
    """Parameters of the planner node.

    Attributes:
        max_instruction_chars: longer sentences are rejected unread.
        max_frame_age_s: an older frame is not planned on.
        require_approval: a plan is only shown until /bridge/approve is called.
        max_plan_age_s: before an older plan is carried out, its scene is looked at once more.
        rest_speed_rad_s, rest_time_s: the arm is at rest when no joint was faster for that long.
    """

    max_instruction_chars: Count = 300
    max_frame_age_s: Positive = 1.0
    require_approval: bool = False
    max_plan_age_s: Positive = 8.0
    rest_speed_rad_s: Positive = 0.03
    rest_time_s: Positive = 0.3
    task: TaskSettings = field(default_factory=TaskSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self)
