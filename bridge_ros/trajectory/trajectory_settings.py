"""Settings of the trajectory service."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import NotNegative, Positive, check_ranges
from bridge_ros.trajectory.limits import TrajectoryLimits, Workspace


@dataclass(frozen=True, kw_only=True)
class TrajectorySettings:
    """`config/trajectory.yaml` explains every entry.

    Attributes:
        extrinsics_file: the camera's calibration; the node does not start without one.
        publish_link_to_optical: whether the transform inside the camera is published, too; the
            official RealSense node does that itself.
        max_plan_age_s: plans on the topic made from an older image are refused.
        max_target_age_s: a trajectory starts from the last target if it is not older than this, and
            the arm is near it.
        max_state_age_s: otherwise from the measured pose, which must not be older than this.
        open_width_m: what the gripper is told when it opens.
        closed_width_m: what it is told when it closes; the controller limits its force.
    """

    extrinsics_file: str = ""
    publish_link_to_optical: bool = True
    max_plan_age_s: Positive = 30.0
    max_target_age_s: Positive = 0.3
    max_state_age_s: Positive = 0.5
    open_width_m: float = 0.10
    closed_width_m: NotNegative = 0.0
    limits: TrajectoryLimits = field(default_factory=TrajectoryLimits)
    workspace: Workspace = field(default_factory=Workspace)

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.closed_width_m < self.open_width_m:
            raise ConfigError(
                f"open_width_m: expected more than closed_width_m, {self.closed_width_m}, "
                f"got {self.open_width_m}"
            )
