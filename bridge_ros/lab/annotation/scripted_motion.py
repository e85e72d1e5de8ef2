"""The motion of a demonstration that is written down rather than simulated."""

from __future__ import annotations

import numpy as np

from bridge_ros.demonstration import HandMotion
from bridge_ros.geometry.poses import FloatArray, distance_between, interpolate, rotation_between
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

_SPEED_M_S = 0.15
_TURN_RAD_S = 0.8
_FINGERS_M_S = 0.10
_REST_S = 0.3


class ScriptedMotion:
    """Samples at the control rate of an arm that goes straight from pose to pose at an even speed.

    Args:
        ee_pose, width_m: where it starts.
    """

    def __init__(self, ee_pose: FloatArray, width_m: float) -> None:
        self._poses: list[FloatArray] = [np.asarray(ee_pose)]
        self._widths: list[float] = [width_m]

    @property
    def ee_pose(self) -> FloatArray:
        """`(7,)` where it is."""
        return self._poses[-1]

    @property
    def time_s(self) -> float:
        """Of the newest sample; the first one is at 0."""
        return CONTROL_PERIOD_S * (len(self._poses) - 1)

    def rest(self) -> None:
        """Stand still for a moment."""
        for _ in range(round(_REST_S / CONTROL_PERIOD_S)):
            self._add(self.ee_pose, self._widths[-1])

    def move(self, ee_pose: FloatArray, width_m: float | None = None) -> None:
        """Go to a pose; the fingers go to a width on the way, if one is given."""
        start, start_m = self.ee_pose, self._widths[-1]
        end_m = start_m if width_m is None else width_m
        duration_s = max(
            distance_between(ee_pose, start) / _SPEED_M_S,
            rotation_between(start, ee_pose) / _TURN_RAD_S,
        )
        steps = max(1, int(np.ceil(duration_s / CONTROL_PERIOD_S)))
        for share in np.linspace(0.0, 1.0, steps + 1)[1:]:
            self._add(
                interpolate(start, ee_pose, float(share)), start_m + share * (end_m - start_m)
            )

    def grip(self, width_m: float) -> None:
        """Bring the fingers to a width while the arm stands still."""
        start_m = self._widths[-1]
        steps = max(1, int(np.ceil(abs(width_m - start_m) / _FINGERS_M_S / CONTROL_PERIOD_S)))
        for share in np.linspace(0.0, 1.0, steps + 1)[1:]:
            self._add(self.ee_pose, start_m + float(share) * (width_m - start_m))

    def motion(self) -> HandMotion:
        """All of it."""
        return HandMotion(
            times_s=CONTROL_PERIOD_S * np.arange(len(self._poses), dtype=np.float64),
            ee_poses=np.array(self._poses),
            widths_m=np.array(self._widths, dtype=np.float64),
        )

    def _add(self, ee_pose: FloatArray, width_m: float) -> None:
        self._poses.append(ee_pose)
        self._widths.append(float(width_m))
