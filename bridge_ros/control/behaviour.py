"""Settings of the controller beyond its devices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Range, check_ranges


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
    home_speed: Annotated[float, Range(0.05, 1.0)] = 0.3
    idle_after_s: Annotated[float, Range(0.5, 3600.0)] = 3.0
    reconnect_s: Annotated[float, Range(0.1, 60.0)] = 1.0
    recover_tries: Annotated[int, Range(1, 10)] = 3
    recover_wait_s: Annotated[float, Range(0.05, 10.0)] = 0.5

    def __post_init__(self) -> None:
        check_ranges(self)
        if len(self.home_joints) != 7 or not all(map(math.isfinite, self.home_joints)):
            raise ConfigError(f"home_joints: expected 7 finite angles, got {self.home_joints}")
