"""Checks a requested opening of the gripper."""

from __future__ import annotations

import math

from bridge_ros.errors import TargetRefusedError

_TOLERANCE_M = 0.001


def checked_width(width_m: float, stroke_m: float) -> float:
    """The opening, within 0 and the stroke.

    Raises:
        TargetRefusedError: if it is not a number or lies more than a millimetre outside.
    """
    if not math.isfinite(width_m) or not -_TOLERANCE_M <= width_m <= stroke_m + _TOLERANCE_M:
        raise TargetRefusedError(f"gripper width: expected 0 to {stroke_m} m, got {width_m}")
    return min(max(width_m, 0.0), stroke_m)
