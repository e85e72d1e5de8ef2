"""Settings of the action expert at work."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge_ros.errors import ConfigError
from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.perception import CloudSettings


@dataclass(frozen=True, kw_only=True)
class ExpertSettings:
    """`config/expert.yaml` explains every entry.

    Attributes:
        checkpoint: folder of the model. device: where it runs, e.g. "cpu" or "cuda".
        threads: CPU threads of an inference.
        max_trajectory_age_s: an older trajectory is ignored.
        points_period_s: time between two clouds on /bridge/points; 0: none.
    """

    checkpoint: str = "models/action_expert"
    device: str = "cpu"
    threads: int = 1
    max_trajectory_age_s: float = 5.0
    points_period_s: float = 0.5
    loop: ExpertLoopSettings = field(default_factory=ExpertLoopSettings)
    cloud: CloudSettings = field(default_factory=CloudSettings)

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise ConfigError(f"threads: expected at least 1, got {self.threads}")
        if not self.max_trajectory_age_s > 0:
            raise ConfigError(
                f"max_trajectory_age_s: expected a positive number, got {self.max_trajectory_age_s}"
            )
        if self.points_period_s < 0:
            raise ConfigError(f"points_period_s: expected 0 or more, got {self.points_period_s}")
