"""Openings of the gripper: that which is asked for, and that of fingers which are halted."""

from __future__ import annotations

import math

from bridge_ros.errors import TargetRefusedError
from bridge_ros.hardware.protocols import GripperState

_TOLERANCE_M = 0.001
_UNDER_WAY_M_S = 0.003


def checked_width(width_m: float, stroke_m: float) -> float:
    """The opening, within 0 and the stroke.

    Raises:
        TargetRefusedError: if it is not a number or lies more than a millimetre outside.
    """
    if not math.isfinite(width_m) or not -_TOLERANCE_M <= width_m <= stroke_m + _TOLERANCE_M:
        raise TargetRefusedError(f"gripper width: expected 0 to {stroke_m} m, got {width_m}")
    return min(max(width_m, 0.0), stroke_m)


def halted_width(state: GripperState, stroke_m: float) -> float | None:
    """The opening that fingers on their way are to stop at; None for fingers that rest or grip."""
    if not state.moving or abs(state.speed_m_s) < _UNDER_WAY_M_S:
        return None
    return min(max(state.width_m, 0.0), stroke_m)
