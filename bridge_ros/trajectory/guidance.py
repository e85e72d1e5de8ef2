"""The time along a trajectory: it runs with the arm, and waits for an arm that is held back."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray, distance_between, rotation_between
from bridge_ros.settings.ranges import Positive, check_ranges
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory


@dataclass(frozen=True, kw_only=True)
class GuidanceSettings:
    """How far the arm may lag behind its guidance.

    Attributes:
        slow_at_m, slow_at_rad: lag at which the guidance begins to slow down.
        stop_at_m, stop_at_rad: lag at which it stands still. Both must leave room for the lag of a
            moving impedance-controlled arm and for the expert's own corrections.
    """

    slow_at_m: Positive = 0.06
    stop_at_m: float = 0.10
    slow_at_rad: Positive = 0.5
    stop_at_rad: float = 0.8

    def __post_init__(self) -> None:
        check_ranges(self)
        for slow, stop, unit in (
            (self.slow_at_m, self.stop_at_m, "m"),
            (self.slow_at_rad, self.stop_at_rad, "rad"),
        ):
            if not slow < stop:
                raise ConfigError(
                    f"stop_at_{unit}: expected more than slow_at_{unit}, {slow}, got {stop}"
                )


class GuidanceClock:
    """The time along one trajectory.

    It advances with the control clock while the measured pose keeps up, more slowly when the pose
    lags, and not at all when the arm is held: so the guidance never runs away from the arm.
    """

    def __init__(
        self, trajectory: PoseTrajectory, settings: GuidanceSettings | None = None
    ) -> None:
        self._trajectory = trajectory
        self._settings = settings or GuidanceSettings()
        self._time_s = 0.0
        self._rate = 1.0

    @property
    def time_s(self) -> float:
        """Time along the trajectory [s], at most its duration."""
        return self._time_s

    @property
    def rate(self) -> float:
        """How fast that time runs at present: 1 in step with the control clock, 0 waiting."""
        return self._rate

    @property
    def ended(self) -> bool:
        """Whether the trajectory, with its dwell, is over."""
        return self._time_s >= self._trajectory.duration_s

    @property
    def progress(self) -> float:
        """The share of the trajectory's time that has passed, 0 to 1."""
        duration = self._trajectory.duration_s
        return self._time_s / duration if duration > 0 else 1.0

    def advance(self, elapsed_s: float, ee_pose: FloatArray) -> None:
        """Let control time pass, with the arm measured at `ee_pose` `(7,)`, base frame."""
        pose, _ = self._trajectory.sample(self._time_s)
        s = self._settings
        lag_m = distance_between(pose, ee_pose)
        room = min(
            (s.stop_at_m - lag_m) / (s.stop_at_m - s.slow_at_m),
            (s.stop_at_rad - rotation_between(pose, ee_pose)) / (s.stop_at_rad - s.slow_at_rad),
        )
        self._rate = min(max(room, 0.0), 1.0)
        self._time_s = min(
            self._time_s + self._rate * max(elapsed_s, 0.0), self._trajectory.duration_s
        )

    def guidance(
        self, count: int, period_s: float, ahead_s: float = 0.0
    ) -> tuple[FloatArray, FloatArray]:
        """Guidance from `ahead_s` after the last advance on; see PoseTrajectory.guidance."""
        return self._trajectory.guidance(
            self._time_s + self._rate * ahead_s, count, self._rate * period_s
        )
