"""Settings of teleoperation, as `config/teleop.yaml` holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from bridge_ros.settings.config_file import settings_file
from bridge_ros.settings.ranges import Range, check_ranges

_UPPER = {
    "linear_m_s": 0.25,
    "angular_rad_s": 1.5,
    "gripper_m_s": 0.2,
    "key_hold_s": 0.5,
    "deadband": 0.5,
    "silence_s": 0.5,
    "leash_m": 0.05,
    "leash_rad": 0.35,
}


@dataclass(frozen=True, kw_only=True)
class TeleopSettings:
    """How deflections become motion.

    Attributes:
        linear_m_s, angular_rad_s, gripper_m_s: at full deflection.
        operator_yaw_rad: which way the person looks, about the base frame's z.
        key_hold_s: how long a key acts after the terminal last reported it.
        deadband: of the SpaceMouse's deflection, below which it counts as let go.
        silence_s: a SpaceMouse that has not reported for this long counts as let go.
        leash_m, leash_rad: how far targets run ahead of the arm.
    """

    linear_m_s: Annotated[float, Range(above=0.0, most=0.25)] = 0.08
    angular_rad_s: Annotated[float, Range(above=0.0, most=1.5)] = 0.4
    gripper_m_s: Annotated[float, Range(above=0.0, most=0.2)] = 0.08
    operator_yaw_rad: Annotated[float, Range(above=-math.inf, below=math.inf)] = 0.0
    key_hold_s: Annotated[float, Range(above=0.0, most=0.5)] = 0.15
    deadband: Annotated[float, Range(above=0.0, most=0.5)] = 0.08
    silence_s: Annotated[float, Range(above=0.0, most=0.5)] = 0.15
    leash_m: Annotated[float, Range(above=0.0, most=0.05)] = 0.03
    leash_rad: Annotated[float, Range(above=0.0, most=0.35)] = 0.2

    def __post_init__(self) -> None:
        check_ranges(self)

    @classmethod
    def load(cls, path: str | Path = "config/teleop.yaml") -> TeleopSettings:
        """Read the file.

        Raises:
            ConfigError: naming what is unknown or unusable.
        """
        return settings_file(cls, path)
