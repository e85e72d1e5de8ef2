"""The best answer: camera and board-in-hand poses that bring every corner to where it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, pose_at, position_of, rotation_of
from bridge_ros.lab.calibration.board_view import BoardView

_ROBUST_PX = 1.0
"""Errors beyond this count less than by their square."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What was fitted.

    Attributes:
        base_from_optical: `(7,)` the camera in base.
        ee_from_board: `(7,)` the board in the hand.
        board_scale: the board's true size by that which was assumed; 1 where it was not fitted.
        errors_px: per view, `(N, 2)` projected minus seen.
    """

    base_from_optical: FloatArray
    ee_from_board: FloatArray
    board_scale: float
    errors_px: tuple[FloatArray, ...]

    @property
    def rms_px(self) -> float:
        """Root mean square over all corners."""
        return rms(np.concatenate(self.errors_px))

    @property
    def view_rms_px(self) -> FloatArray:
        """The same per view."""
        return np.array([rms(errors) for errors in self.errors_px])


def refine(
    views: Sequence[BoardView],
    board: Board,
    intrinsics: Intrinsics,
    base_from_optical: FloatArray,
    ee_from_board: FloatArray,
    *,
    robust: bool = False,
    with_scale: bool = False,
) -> Fit:
    """Minimise the reprojection error over both poses.

    Args:
        base_from_optical, ee_from_board: `(7,)` first guesses.
        robust: count large errors less (while there may be wrong views).
        with_scale: fit the board's size as well; the hand's motion is known in metres.
    """
    problem = _Problem(views, board, intrinsics, base_from_optical, ee_from_board)
    start = np.zeros(13 if with_scale else 12)
    loss: Literal["soft_l1", "linear"] = "soft_l1" if robust else "linear"
    result = least_squares(problem.residuals, start, loss=loss, f_scale=_ROBUST_PX, x_scale="jac")
    camera, held, scale = problem.poses(result.x)
    return Fit(
        base_from_optical=pose_at(camera[1], camera[0]),
        ee_from_board=pose_at(held[1], held[0]),
        board_scale=scale,
        errors_px=_by_view(views, problem.residuals(result.x)),
    )


def reprojection_errors(
    views: Sequence[BoardView],
    board: Board,
    intrinsics: Intrinsics,
    base_from_optical: FloatArray,
    ee_from_board: FloatArray,
) -> tuple[FloatArray, ...]:
    """Per view, `(N, 2)` projected minus seen [px], for given poses `(7,)`."""
    problem = _Problem(views, board, intrinsics, base_from_optical, ee_from_board)
    return _by_view(views, problem.residuals(np.zeros(12)))


class _Problem:
    """Twelve unknowns (and a scale): small turns and shifts of both first guesses."""

    def __init__(
        self,
        views: Sequence[BoardView],
        board: Board,
        intrinsics: Intrinsics,
        base_from_optical: FloatArray,
        ee_from_board: FloatArray,
    ) -> None:
        counts = [len(view.detection.ids) for view in views]
        poses = np.repeat(np.array([view.ee_pose for view in views]), counts, axis=0)
        self._hands = rotation_of(poses)
        self._hand_positions = position_of(poses)
        self._points = np.concatenate([board.corners_m[view.detection.ids] for view in views])
        self._pixels = np.concatenate([view.detection.corners_px for view in views])
        self._intrinsics = intrinsics
        self._camera, self._held = base_from_optical, ee_from_board

    def poses(
        self, unknowns: FloatArray
    ) -> tuple[tuple[Rotation, FloatArray], tuple[Rotation, FloatArray], float]:
        """Camera in base, board in hand, scale."""
        camera, held = _moved(self._camera, unknowns[:6]), _moved(self._held, unknowns[6:12])
        return camera, held, 1.0 + float(unknowns[12]) if len(unknowns) > 12 else 1.0

    def residuals(self, unknowns: FloatArray) -> FloatArray:
        """Projected minus seen, `(2 N,)` [px]."""
        (turned, camera_at), (held, held_at), scale = self.poses(unknowns)
        in_hand = held.apply(scale * self._points) + held_at
        in_base = self._hands.apply(in_hand) + self._hand_positions
        seen = turned.inv().apply(in_base - camera_at)
        # A guess that puts points behind the camera must be led back, not end in a division by 0.
        seen[:, 2] = np.maximum(seen[:, 2], 1e-2)
        return np.ravel(self._intrinsics.project(seen) - self._pixels)


def _moved(pose: FloatArray, change: FloatArray) -> tuple[Rotation, FloatArray]:
    return Rotation.from_rotvec(change[:3]) * rotation_of(pose), position_of(pose) + change[3:]


def _by_view(views: Sequence[BoardView], residuals: FloatArray) -> tuple[FloatArray, ...]:
    ends = np.cumsum([len(view.detection.ids) for view in views])[:-1]
    return tuple(np.split(residuals.reshape(-1, 2), ends))


def rms(errors: FloatArray) -> float:
    """Root mean square length of errors `(N, 2)` [px]."""
    return float(np.sqrt((errors**2).sum(axis=1).mean()))
