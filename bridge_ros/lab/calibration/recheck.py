"""A calibration measured again: whether what the file says still holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from bridge_ros.geometry.poses import FloatArray, rotation_between
from bridge_ros.lab.calibration.solution import Calibration
from bridge_ros.lab.calibration.verdict import VerdictLimits


class Recheck(Enum):
    """What a second measurement tells about the first one."""

    HOLDS = "holds"
    MOVED = "moved"
    POOR = "poor"
    """The second measurement is too poor to tell."""


@dataclass(frozen=True, kw_only=True)
class Shift:
    """How far the camera is from where it was said to be."""

    position_m: float
    rotation_rad: float
    meaning: Recheck


def shift_since(found: Calibration, before: FloatArray, limits: VerdictLimits) -> Shift:
    """Compare a new measurement with the camera's pose `(7,)` in base that a file holds."""
    position_m = float(np.linalg.norm(found.base_from_optical[:3] - before[:3]))
    rotation_rad = rotation_between(found.base_from_optical, before)
    if found.verdict.grade == "poor":
        meaning = Recheck.POOR
    elif position_m <= limits.check_position_m and rotation_rad <= limits.check_rotation_rad:
        meaning = Recheck.HOLDS
    else:
        meaning = Recheck.MOVED
    return Shift(position_m=position_m, rotation_rad=rotation_rad, meaning=meaning)
