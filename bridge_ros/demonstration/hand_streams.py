"""Poses of the hand and widths of the gripper as they were heard, each at its own times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.demonstration.hand_motion import HandMotion
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class HandStreams:
    """A stream of poses and one of gripper widths, each with its times [s].

    Attributes:
        times_s: `(T,)`. poses: `(T, 7)` base frame.
        width_times_s: `(W,)`. widths_m: `(W,)`.
    """

    times_s: FloatArray
    poses: FloatArray
    width_times_s: FloatArray
    widths_m: FloatArray

    def together(self, start_s: float, end_s: float) -> HandMotion:
        """The part from one time to another, sampled at the poses' times.

        Raises:
            ConfigError: if it holds fewer than two poses, or there are no widths.
        """
        if not len(self.widths_m):
            raise ConfigError("motion: expected widths of the gripper, got none")
        times_s, first = np.unique(self.times_s, return_index=True)
        inside = (times_s >= start_s) & (times_s <= end_s)
        return HandMotion(
            times_s=times_s[inside],
            ee_poses=self.poses[first[inside]],
            widths_m=np.interp(times_s[inside], self.width_times_s, self.widths_m),
        )
