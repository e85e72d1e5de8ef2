"""Settings of the arm's velocity mode."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError


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

    gain_per_s: float = 10.0
    max_correction_m_s: float = 0.10
    max_correction_rad_s: float = 0.5
    max_linear_m_s: float = 0.7
    max_angular_rad_s: float = 2.3
    watchdog_s: float = 0.1
    posture_gain_per_s: float = 0.5
    joint_velocity_factor: float = 0.5
    acceleration_factor: float = 0.65
    jerk_factor: float = 0.35

    def __post_init__(self) -> None:
        bounds = {
            "gain_per_s": (0.5, 20.0),
            "max_correction_m_s": (0.005, 0.3),
            "max_correction_rad_s": (0.02, 1.5),
            "max_linear_m_s": (0.01, 1.5),
            "max_angular_rad_s": (0.02, 2.4),
            "watchdog_s": (0.03, 0.5),
            "posture_gain_per_s": (0.0, 2.0),
            "joint_velocity_factor": (0.05, 0.9),
            "acceleration_factor": (0.05, 0.9),
            "jerk_factor": (0.01, 0.9),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ConfigError(f"{name}: expected {low} to {high}, got {getattr(self, name)}")
