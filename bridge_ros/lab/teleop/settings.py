"""Settings of teleoperation, as `config/teleop.yaml` holds them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from bridge_ros.errors import ConfigError
from bridge_ros.settings.config_file import settings_file

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

    linear_m_s: float = 0.08
    angular_rad_s: float = 0.4
    gripper_m_s: float = 0.08
    operator_yaw_rad: float = 0.0
    key_hold_s: float = 0.15
    deadband: float = 0.08
    silence_s: float = 0.15
    leash_m: float = 0.03
    leash_rad: float = 0.2

    def __post_init__(self) -> None:
        for name, upper in _UPPER.items():
            value = getattr(self, name)
            if not 0.0 < value <= upper:
                raise ConfigError(f"{name}: expected more than 0, at most {upper}, got {value}")
        if not math.isfinite(self.operator_yaw_rad):
            raise ConfigError(f"operator_yaw_rad: expected an angle, got {self.operator_yaw_rad}")

    @classmethod
    def load(cls, path: str | Path = "config/teleop.yaml") -> TeleopSettings:
        """Read the file.

        Raises:
            ConfigError: naming what is unknown or unusable.
        """
        return settings_file(cls, path)
