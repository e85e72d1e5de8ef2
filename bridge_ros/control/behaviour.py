"""Settings of the controller beyond its devices."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class BehaviourSettings:
    """How the controller behaves.

    Attributes:
        home_joints: `(7,)` [rad] of the home pose; also where the elbow is drawn to.
        home_speed: fraction of the motion limits on the way home.
        idle_after_s: after holding for this long without targets the motion is ended, and the robot
            holds itself.
        reconnect_s: wait between tries to reach the robot.
        recover_tries: how often a recovery is tried before it counts as failed.
        recover_wait_s: between those tries.
    """

    home_joints: tuple[float, ...] = (0.0, -0.5716, 0.0, -1.966, 0.0, 1.3944, 0.7854)
    home_speed: float = 0.3
    idle_after_s: float = 3.0
    reconnect_s: float = 1.0
    recover_tries: int = 3
    recover_wait_s: float = 0.5

    def __post_init__(self) -> None:
        if len(self.home_joints) != 7 or not all(map(math.isfinite, self.home_joints)):
            raise ConfigError(f"home_joints: expected 7 finite angles, got {self.home_joints}")
        if not 0.05 <= self.home_speed <= 1.0:
            raise ConfigError(f"home_speed: expected 0.05 to 1, got {self.home_speed}")
        if not 0.5 <= self.idle_after_s <= 3600.0:
            raise ConfigError(f"idle_after_s: expected 0.5 to 3600, got {self.idle_after_s}")
        if not 0.1 <= self.reconnect_s <= 60.0:
            raise ConfigError(f"reconnect_s: expected 0.1 to 60, got {self.reconnect_s}")
        if not 1 <= self.recover_tries <= 10:
            raise ConfigError(f"recover_tries: expected 1 to 10, got {self.recover_tries}")
        if not 0.05 <= self.recover_wait_s <= 10.0:
            raise ConfigError(f"recover_wait_s: expected 0.05 to 10, got {self.recover_wait_s}")
