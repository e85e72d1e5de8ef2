"""Settings of the arm's velocity mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from bridge_ros.settings.ranges import Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class VelocitySettings:
    """How an arm in velocity mode is kept on its poses.

    Attributes:
        gain_per_s: correction of the velocity for each metre and radian of measured error.
        max_correction_m_s, max_correction_rad_s: norms that this correction never exceeds.
        max_linear_m_s, max_angular_rad_s: norms that no command exceeds, corrected or not; above
            those of the motion between targets, or the arm lags ever further behind.
        watchdog_s: after this long without a new command the robot brakes by itself.
        posture_gain_per_s: velocity at which joints are drawn home, for each radian that they are
            away, as far as the tool stays unmoved; 0 lets the elbow drift.
        joint_velocity_factor: share, 0 to 1, of each joint's greatest velocity where it is that a
            command asks of it.
        acceleration_factor, jerk_factor: shares, 0 to 1, of what the joints can, within which one
            commanded velocity goes over into the next; beyond 1 the robot stops in a reflex.
    """

    gain_per_s: Annotated[float, Range(0.5, 20.0)] = 10.0
    max_correction_m_s: Annotated[float, Range(0.005, 0.3)] = 0.10
    max_correction_rad_s: Annotated[float, Range(0.02, 1.5)] = 0.5
    max_linear_m_s: Annotated[float, Range(0.01, 1.5)] = 0.7
    max_angular_rad_s: Annotated[float, Range(0.02, 2.4)] = 2.3
    watchdog_s: Annotated[float, Range(0.03, 0.5)] = 0.1
    posture_gain_per_s: Annotated[float, Range(0.0, 2.0)] = 0.5
    joint_velocity_factor: Annotated[float, Range(0.05, 0.9)] = 0.5
    acceleration_factor: Annotated[float, Range(0.05, 0.9)] = 0.65
    jerk_factor: Annotated[float, Range(0.01, 0.9)] = 0.35

    def __post_init__(self) -> None:
        check_ranges(self)
