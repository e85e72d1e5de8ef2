"""Settings of a calibration, as `config/calibration.yaml` holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bridge_ros.camera.calibration_board import Board
from bridge_ros.errors import ConfigError
from bridge_ros.lab.calibration.guided_poses import GuidanceSettings
from bridge_ros.lab.calibration.verdict import VerdictLimits
from bridge_ros.lab.calibration.view_checks import ViewLimits
from bridge_ros.settings.config_file import settings_file


@dataclass(frozen=True, kw_only=True)
class MotionSettings:
    """How the arm is moved from pose to pose, and when it counts as at rest.

    Attributes:
        speed_m_s, turn_rad_s: of the tool centre point.
        rest_s: how long the hand must not have moved before a picture is taken.
        rest_m, rest_rad: what counts as not having moved.
        arrived_m: how far from the pose the arm may come to rest.
        timeout_s: longest wait for rest, and for a picture after it.
    """

    speed_m_s: float = 0.08
    turn_rad_s: float = 0.35
    rest_s: float = 0.5
    rest_m: float = 0.0004
    rest_rad: float = 0.002
    arrived_m: float = 0.03
    timeout_s: float = 8.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0.0:
                raise ConfigError(f"{name}: expected more than 0, got {value}")
        if self.speed_m_s > 0.25:
            raise ConfigError(
                f"speed_m_s: expected at most 0.25, for people are near, got {self.speed_m_s}"
            )


@dataclass(frozen=True, kw_only=True)
class CalibrationSettings:
    """All of them; see the parts."""

    board: Board = field(default_factory=Board)
    guidance: GuidanceSettings = field(default_factory=GuidanceSettings)
    motion: MotionSettings = field(default_factory=MotionSettings)
    views: ViewLimits = field(default_factory=ViewLimits)
    verdict: VerdictLimits = field(default_factory=VerdictLimits)

    @classmethod
    def load(cls, path: str | Path = "config/calibration.yaml") -> CalibrationSettings:
        """Read the file.

        Raises:
            ConfigError: naming what is unknown or unusable.
        """
        return settings_file(cls, path)
