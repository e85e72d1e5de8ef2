"""A smooth random path of the tool centre point over the workspace, for benchmarks of the arm."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.box import Box
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    distance_between,
    interpolate,
    invert,
    pose_at,
    position_of,
    rotation_between,
)
from bridge_ros.hardware.fr3_reach import Fr3Reach

_TRIES = 200
_SHOULDER_M = np.array([0.0, 0.0, 0.333])
_ARM_M = 0.855
"""Beyond this distance of shoulder and flange the inverse kinematics need not be asked."""
_MARGIN_M = 0.02
_LOWEST_M = 0.05
_SHORTEST_S = 0.5


@dataclass(frozen=True, kw_only=True)
class WanderingLimits:
    """How fast and how far the path goes.

    Attributes:
        speed_m_s, speed_rad_s, acceleration_m_s2, acceleration_rad_s2: peaks of a leg.
        tilt_rad, yaw_rad: largest deviations of the gripper from straight down, and about that.
    """

    speed_m_s: float = 0.25
    speed_rad_s: float = 0.8
    acceleration_m_s2: float = 1.0
    acceleration_rad_s2: float = 3.0
    tilt_rad: float = 0.35
    yaw_rad: float = 0.8


class WanderingPath:
    """Straight legs between random poses, each begun and ended at rest, without a jump of jerk's
    integral: position, velocity and acceleration are continuous.

    Args:
        reach: tells which poses and straight ways the arm can take.
        joints: `(7,)` at which the path begins [rad].
        workspace: that it stays in.
        length_s: the path's duration, at least; afterwards it rests.

    Raises:
        ConfigError: if nothing within reach is found from somewhere.
    """

    def __init__(
        self,
        reach: Fr3Reach,
        joints: FloatArray,
        *,
        workspace: Box,
        length_s: float,
        limits: WanderingLimits,
        rng: np.random.Generator,
    ) -> None:
        self._limits = limits
        self._low = np.maximum(np.array(workspace.min_m) + _MARGIN_M, [-np.inf, -np.inf, _LOWEST_M])
        self._high = np.array(workspace.max_m) - _MARGIN_M
        self._poses = [reach.tcp_pose(joints)]
        self._ends_s = [0.0]
        while self._ends_s[-1] < length_s:
            joints = self._add_leg(reach, joints, rng)

    @property
    def length_s(self) -> float:
        """When the path has reached its end."""
        return self._ends_s[-1]

    def pose(self, t_s: float) -> FloatArray:
        """`(7,)` at a time since the path's begin, base frame."""
        leg = int(np.clip(np.searchsorted(self._ends_s, t_s), 1, len(self._ends_s) - 1))
        begin_s, end_s = self._ends_s[leg - 1], self._ends_s[leg]
        s = float(np.clip((t_s - begin_s) / (end_s - begin_s), 0.0, 1.0))
        smooth = s**3 * (10.0 - 15.0 * s + 6.0 * s**2)
        return interpolate(self._poses[leg - 1], self._poses[leg], smooth)

    def _add_leg(self, reach: Fr3Reach, joints: FloatArray, rng: np.random.Generator) -> FloatArray:
        start = self._poses[-1]
        for _ in range(_TRIES):
            end = self._draw(rng)
            flange_m = position_of(compose(end, invert(reach.flange_to_tcp)))
            if np.linalg.norm(flange_m - _SHOULDER_M) > _ARM_M:
                continue
            found = reach.way(start, end, joints)
            if found is not None:
                self._poses.append(end)
                self._ends_s.append(self._ends_s[-1] + self._duration_s(start, end))
                return found
        raise ConfigError(
            f"workspace {self._low.tolist()} to {self._high.tolist()} m: nothing within the arm's "
            f"reach was found from {position_of(start).round(3).tolist()}"
        )

    def _draw(self, rng: np.random.Generator) -> FloatArray:
        limits = self._limits
        down = Rotation.from_euler("x", math.pi)
        about = rng.uniform(0.0, 2.0 * math.pi)
        tilt = rng.uniform(0.0, limits.tilt_rad) * np.array([math.cos(about), math.sin(about), 0.0])
        yaw = [0.0, 0.0, rng.uniform(-limits.yaw_rad, limits.yaw_rad)]
        turned = Rotation.from_rotvec(tilt) * Rotation.from_rotvec(yaw) * down
        return pose_at(rng.uniform(self._low, self._high), turned)

    def _duration_s(self, start: FloatArray, end: FloatArray) -> float:
        """So that a quintic's peaks, 1.875 and 5.774 times the mean, keep the limits."""
        limits = self._limits
        shift_m = distance_between(end, start)
        turn_rad = rotation_between(start, end)
        return max(
            _SHORTEST_S,
            1.875 * shift_m / limits.speed_m_s,
            1.875 * turn_rad / limits.speed_rad_s,
            math.sqrt(5.774 * shift_m / limits.acceleration_m_s2),
            math.sqrt(5.774 * turn_rad / limits.acceleration_rad_s2),
        )
