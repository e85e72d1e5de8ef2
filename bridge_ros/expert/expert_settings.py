"""Settings of the action expert at work."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.perception import CloudSettings
from bridge_ros.settings.ranges import Count, NotNegative, Positive, check_ranges


@dataclass(frozen=True, kw_only=True)
class ExpertSettings:
    """`config/expert.yaml` explains every entry.

    Attributes:
        checkpoint: folder of the model, with config.json and model.safetensors.
        device: where the model runs, e.g. "cpu" or "cuda".
        threads: CPU threads of an inference.
        max_trajectory_age_s: an older trajectory is ignored.
        points_period_s: time between two clouds on /bridge/points; 0: none.
    """

    checkpoint: str = "models/action_expert"
    device: str = "cpu"
    threads: Count = 1
    max_trajectory_age_s: Positive = 5.0
    points_period_s: NotNegative = 0.5
    loop: ExpertLoopSettings = field(default_factory=ExpertLoopSettings)
    cloud: CloudSettings = field(default_factory=CloudSettings)

    def __post_init__(self) -> None:
        check_ranges(self)
