"""What to make of a calibration: good, fair or poor, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bridge_ros.settings.ranges import Positive, check_ranges

Grade = Literal["good", "fair", "poor"]


@dataclass(frozen=True, kw_only=True)
class VerdictLimits:
    """Settings of the verdict. Up to each limit a calibration is good, up to twice that fair.

    Attributes:
        rms_px: of the reprojection; at 0.8 m a pixel of the D435 is 1.3 mm.
        position_std_m, rotation_std_rad: of the camera's pose.
        board_scale: how far the board's size may be from the assumed one, as a share.
        check_position_m, check_rotation_rad: how far a second measurement may be from the file.
    """

    rms_px: Positive = 0.8
    position_std_m: Positive = 0.0015
    rotation_std_rad: Positive = 0.0025
    board_scale: Positive = 0.004
    check_position_m: Positive = 0.003
    check_rotation_rad: Positive = 0.005

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class CalibrationVerdict:
    """A grade and its reasons, each with what to do; a good one has none."""

    grade: Grade
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join([self.grade, *self.reasons])


def judge(
    *,
    rms_px: float,
    position_std_m: float,
    rotation_std_rad: float,
    board_scale: float,
    rejected: int,
    limits: VerdictLimits,
) -> CalibrationVerdict:
    """Grade a calibration by its worst figure.

    Args:
        rms_px, position_std_m, rotation_std_rad, board_scale: see `Calibration`.
        rejected: how many views were left out.
    """
    scale_error = abs(board_scale - 1.0)
    findings = (
        (
            rms_px / limits.rms_px,
            f"the corners are {rms_px:.2f} px off: is the board flat and firm in the gripper, did "
            "the camera move, does the arm come to rest?",
        ),
        (
            position_std_m / limits.position_std_m,
            f"the camera's position is uncertain by {1e3 * position_std_m:.1f} mm: take more "
            "views, nearer to the camera and tilted more",
        ),
        (
            rotation_std_rad / limits.rotation_std_rad,
            f"its orientation is uncertain by {np.degrees(rotation_std_rad):.2f} degrees: take "
            "more views, further apart",
        ),
        (
            scale_error / limits.board_scale,
            f"the board's squares seem to be {100 * board_scale:.1f} % of what was said: measure "
            "them on the print and set square_m and marker_m in config/calibration.yaml; if they "
            "are right, the camera's intrinsics are not",
        ),
    )
    worst = max(ratio for ratio, _ in findings)
    grade: Grade = "good" if worst <= 1.0 else "fair" if worst <= 2.0 else "poor"
    reasons = [text for ratio, text in findings if ratio > 1.0]
    if rejected and grade != "good":
        reasons.append(f"{rejected} views contradicted the others and were left out")
    return CalibrationVerdict(grade=grade, reasons=tuple(reasons))
