"""Settings of a calibration, as `config/calibration.yaml` holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from bridge_ros.camera.calibration_board import Board
from bridge_ros.lab.calibration.guided_poses import GuidedPosesSettings
from bridge_ros.lab.calibration.verdict import VerdictLimits
from bridge_ros.lab.calibration.view_checks import ViewLimits
from bridge_ros.settings.config_file import settings_file
from bridge_ros.settings.ranges import Positive, Range, check_ranges


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

    speed_m_s: Annotated[float, Range(above=0.0, most=0.25)] = 0.08
    turn_rad_s: Positive = 0.35
    rest_s: Positive = 0.5
    rest_m: Positive = 0.0004
    rest_rad: Positive = 0.002
    arrived_m: Positive = 0.03
    timeout_s: Positive = 8.0

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class CalibrationSettings:
    """All of them; see the parts."""

    board: Board = field(default_factory=Board)
    guidance: GuidedPosesSettings = field(default_factory=GuidedPosesSettings)
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
