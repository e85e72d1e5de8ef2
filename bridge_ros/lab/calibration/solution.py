"""From views to a calibration: first guess, outliers out, best fit, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, distance_between, rotation_between
from bridge_ros.lab.calibration.board_view import BoardView
from bridge_ros.lab.calibration.errors import PoorCalibrationError
from bridge_ros.lab.calibration.hand_eye import hand_eye
from bridge_ros.lab.calibration.refinement import Fit, refine, reprojection_errors, rms
from bridge_ros.lab.calibration.verdict import CalibrationVerdict, VerdictLimits, judge
from bridge_ros.lab.calibration.view_checks import ViewLimits, check_views

_OUTLIER_RATIO = 3.0
_OUTLIER_LEAST_PX = 1.0
_REJECTED_SHARE = 0.3
_ROUNDS = 4


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A calibration of the fixed camera.

    Attributes:
        base_from_optical: `(7,)` pose of the camera's optical frame in base.
        ee_from_board: `(7,)` pose of the board in the hand.
        used: `(N,)` which of the views were used; the others contradicted them.
        view_rms_px: `(N,)` root mean square reprojection error of every view.
        rms_px: of all that were used.
        position_std_m, rotation_std_rad: how uncertain the camera's pose is, from how it changes
            as views are left out (the jackknife).
        board_scale: the size of the board as the motion of the hand tells, by the assumed one.
        verdict: what to make of it.
    """

    base_from_optical: FloatArray
    ee_from_board: FloatArray
    used: NDArray[np.bool_]
    view_rms_px: FloatArray
    rms_px: float
    position_std_m: float
    rotation_std_rad: float
    board_scale: float
    verdict: CalibrationVerdict


def calibrate(
    views: Sequence[BoardView],
    board: Board,
    intrinsics: Intrinsics,
    *,
    limits: ViewLimits | None = None,
    verdict_limits: VerdictLimits | None = None,
) -> Calibration:
    """Find the camera's pose.

    Raises:
        FewViewsError, SimilarViewsError: also if too few views are left without the outliers.
        PoorCalibrationError: if so many views contradict the others that none can be trusted.
    """
    limits = limits or ViewLimits()
    check_views(views, limits)
    used = _without_outliers(views, board, intrinsics)
    kept = [view for view, keep in zip(views, used, strict=True) if keep]
    check_views(kept, limits)
    fit = refine(kept, board, intrinsics, *hand_eye(kept))
    scaled = refine(
        kept, board, intrinsics, fit.base_from_optical, fit.ee_from_board, with_scale=True
    )
    everything = _errors_of(views, board, intrinsics, fit)
    position_std_m, rotation_std_rad = _jackknife(kept, board, intrinsics, fit)
    verdict = judge(
        rms_px=fit.rms_px,
        position_std_m=position_std_m,
        rotation_std_rad=rotation_std_rad,
        board_scale=scaled.board_scale,
        rejected=int(np.count_nonzero(~used)),
        limits=verdict_limits or VerdictLimits(),
    )
    return Calibration(
        base_from_optical=fit.base_from_optical,
        ee_from_board=fit.ee_from_board,
        used=used,
        view_rms_px=everything,
        rms_px=fit.rms_px,
        position_std_m=position_std_m,
        rotation_std_rad=rotation_std_rad,
        board_scale=scaled.board_scale,
        verdict=verdict,
    )


def _without_outliers(
    views: Sequence[BoardView], board: Board, intrinsics: Intrinsics
) -> NDArray[np.bool_]:
    """`(N,)` which views agree with each other: the worst goes first, until none stands out."""
    used = np.ones(len(views), dtype=np.bool_)
    most = int(_REJECTED_SHARE * len(views))
    for _ in range(_ROUNDS):
        kept = [view for view, keep in zip(views, used, strict=True) if keep]
        fit = refine(kept, board, intrinsics, *hand_eye(kept), robust=True)
        errors = _errors_of(views, board, intrinsics, fit)
        limit_px = max(_OUTLIER_LEAST_PX, _OUTLIER_RATIO * float(np.median(errors)))
        agreeing = errors <= limit_px
        if (agreeing == used).all():
            break
        used = agreeing
        if np.count_nonzero(~used) > most:
            raise PoorCalibrationError(
                f"calibration: {np.count_nonzero(~used)} of {len(views)} views contradict the "
                "others; does the board sit firmly in the gripper, and does the camera stand still?"
            )
    return used


def _errors_of(
    views: Sequence[BoardView], board: Board, intrinsics: Intrinsics, fit: Fit
) -> FloatArray:
    """`(N,)` root mean square error of every view under a fit [px]."""
    poses = fit.base_from_optical, fit.ee_from_board
    return np.array([rms(one) for one in reprojection_errors(views, board, intrinsics, *poses)])


def _jackknife(
    views: Sequence[BoardView], board: Board, intrinsics: Intrinsics, fit: Fit
) -> tuple[float, float]:
    """Standard deviations of the camera's position [m] and orientation [rad].

    Corners of one view share the error of the hand's pose, so views are left out, not corners.
    """
    shifts, turns = [], []
    for index in range(len(views)):
        others = [*views[:index], *views[index + 1 :]]
        other = refine(others, board, intrinsics, fit.base_from_optical, fit.ee_from_board)
        shifts.append(distance_between(other.base_from_optical, fit.base_from_optical))
        turns.append(rotation_between(other.base_from_optical, fit.base_from_optical))
    factor = (len(views) - 1) / len(views)
    position = float(np.sqrt(factor * np.square(shifts).sum()))
    return position, float(np.sqrt(factor * np.square(turns).sum()))
