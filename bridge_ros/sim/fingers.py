"""The simulated gripper's motor: two coupled fingers under bounded speed and force."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import mujoco

_STIFFNESS_N_M = 6000.0
_DAMPING_NS_M = 90.0
_STILL_M_S = 0.002
_ARRIVED_M = 0.0005


@dataclass(frozen=True, kw_only=True)
class _Goal:
    width_m: float
    speed_m_s: float
    force_n: float


class FingerDrive:
    """Servo of the WSG's jaws; implements `sim.live.wsg_server.Jaws`.

    A set point travels to the goal at the asked speed and pulls each finger like a spring; it never
    runs further ahead than the force allows, so a blocked finger presses with just that force.
    The physics loop calls `apply`; all else may be called from other threads.

    Args:
        width_m: initial opening.
        stroke_m: largest opening.
    """

    def __init__(self, *, width_m: float, stroke_m: float) -> None:
        self._stroke_m = stroke_m
        self._lock = threading.Lock()
        self._goal = _Goal(width_m=width_m, speed_m_s=0.1, force_n=40.0)
        self._set_point_m = width_m
        self._width_m = width_m
        self._speed_m_s = 0.0
        self._force_n = 0.0

    def set_goal(self, width_m: float, speed_m_s: float, force_n: float) -> None:
        """Go for an opening; the newest goal wins."""
        goal = _Goal(
            width_m=float(np.clip(width_m, 0.0, self._stroke_m)),
            speed_m_s=max(0.0, speed_m_s),
            force_n=max(0.0, force_n),
        )
        with self._lock:
            self._goal = goal

    @property
    def width_m(self) -> float:
        """Measured opening."""
        return self._width_m

    @property
    def speed_m_s(self) -> float:
        """Measured rate of the opening, positive when it opens."""
        return self._speed_m_s

    @property
    def force_n(self) -> float:
        """Motor force, positive."""
        return self._force_n

    @property
    def moving(self) -> bool:
        """Whether the fingers move."""
        return abs(self._speed_m_s) > _STILL_M_S

    def apply(
        self, data: mujoco.MjData, qpos: Sequence[int], dofs: Sequence[int], dt_s: float
    ) -> None:
        """Set the finger forces of the next physics step.

        Args:
            qpos, dofs: where the two fingers are in `data.qpos` and `data.qvel`.
        """
        (one, two), (first, second) = qpos, dofs
        data.qfrc_applied[first], data.qfrc_applied[second] = self.step(
            (float(data.qpos[one]), float(data.qpos[two])),
            (float(data.qvel[first]), float(data.qvel[second])),
            dt_s,
        )

    def step(
        self, positions_m: tuple[float, float], speeds_m_s: tuple[float, float], dt_s: float
    ) -> tuple[float, float]:
        """One physics step: finger positions and speeds in, finger forces [N] out."""
        with self._lock:
            goal = self._goal
        width_m = positions_m[0] + positions_m[1]
        # Twice the stretch of one finger's spring at full force, as the opening is both fingers'.
        reach_m = 2.0 * goal.force_n / _STIFFNESS_N_M
        aim_m = goal.width_m
        if not self.moving and abs(aim_m - width_m) > _ARRIVED_M:
            # Something is in the way: press on it with all of the force.
            aim_m += math.copysign(reach_m, aim_m - width_m)
        step_m = goal.speed_m_s * dt_s
        set_point_m = self._set_point_m + min(max(aim_m - self._set_point_m, -step_m), step_m)
        set_point_m = min(max(set_point_m, width_m - reach_m), width_m + reach_m)
        rate_m_s = (set_point_m - self._set_point_m) / dt_s / 2.0
        self._set_point_m = set_point_m
        forces = [
            _STIFFNESS_N_M * (set_point_m / 2.0 - position) + _DAMPING_NS_M * (rate_m_s - speed)
            for position, speed in zip(positions_m, speeds_m_s, strict=True)
        ]
        forces = [min(max(force, -goal.force_n), goal.force_n) for force in forces]
        self._width_m = width_m
        self._speed_m_s = 0.95 * self._speed_m_s + 0.05 * (speeds_m_s[0] + speeds_m_s[1])
        self._force_n = 0.95 * self._force_n + 0.05 * abs(forces[0] + forces[1]) / 2.0
        return forces[0], forces[1]
