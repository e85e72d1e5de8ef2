"""The motion of a demonstration: where the hand was and how far the gripper was open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class HandMotion:
    """Hand and gripper, sampled together.

    Attributes:
        times_s: `(N,)` ascending.
        ee_poses: `(N, 7)` of the point between the fingertips, base frame.
        widths_m: `(N,)` of the gripper.
    """

    times_s: FloatArray
    ee_poses: FloatArray
    widths_m: FloatArray

    def __post_init__(self) -> None:
        count = len(self.times_s)
        shapes = (self.times_s.shape, self.ee_poses.shape, self.widths_m.shape)
        if count < 2 or shapes != ((count,), (count, 7), (count,)):
            raise ConfigError(
                f"motion: expected times (N,), poses (N, 7) and widths (N,), got {shapes}"
            )
        for name, values in vars(self).items():
            if not np.isfinite(values).all():
                raise ConfigError(f"{name}: expected finite numbers")
        if (np.diff(self.times_s) <= 0).any():
            raise ConfigError("times_s: expected times that ascend")
