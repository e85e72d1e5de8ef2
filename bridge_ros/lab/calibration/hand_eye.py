"""First guesses in closed form: the board's pose from one picture, the camera's from them all."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    invert,
    matrix_from_pose,
    pose_at,
    pose_from_matrix,
    position_of,
    rotation_of,
    transform_points,
)
from bridge_ros.lab.calibration.board_view import BoardView, Detection
from bridge_ros.lab.calibration.errors import BoardNotFoundError, SimilarViewsError


def board_pose(
    detection: Detection, board: Board, intrinsics: Intrinsics
) -> tuple[FloatArray, float]:
    """The board's pose `(7,)` in the optical frame, and how well it fits: root mean square [px].

    Raises:
        BoardNotFoundError: if the corners are those of no board, or all in one line.
    """
    points = board.corners_m[detection.ids]
    camera = _camera_matrix(intrinsics)
    pixels = detection.corners_px
    try:
        # The closed form for flat things has two answers; OpenCV gives the one that fits better.
        found, turn, shift = cv2.solvePnP(points, pixels, camera, None, flags=cv2.SOLVEPNP_IPPE)
        if found:
            turn, shift = cv2.solvePnPRefineLM(points, pixels, camera, None, turn, shift)
    except cv2.error:
        found = False
    if not found:
        raise BoardNotFoundError(
            "view: the corners that are seen tell no pose; bring more of the board into the picture"
        )
    quaternion = Rotation.from_rotvec(np.ravel(turn)).as_quat()
    pose = pose_at(np.ravel(shift), quaternion)
    errors = intrinsics.project(transform_points(pose, points)) - pixels
    return pose, float(np.sqrt((errors**2).sum(axis=1).mean()))


def hand_eye(views: Sequence[BoardView]) -> tuple[FloatArray, FloatArray]:
    """The camera's pose in base, and the board's in the hand, `(7,)` each; exact without noise.

    The equation is that of a camera in the hand with hand and base exchanged (Park and Martin,
    "Robot sensor calibration: solving AX = XB on the Euclidean group", 1994).

    Raises:
        SimilarViewsError: if the views do not determine it.
    """
    base_from_ee = np.array([view.ee_pose for view in views])
    optical_from_board = np.array([view.optical_from_board for view in views])
    ee_from_base = matrix_from_pose(invert(base_from_ee))
    boards = matrix_from_pose(optical_from_board)
    rotation, translation = cv2.calibrateHandEye(
        list(ee_from_base[:, :3, :3]),
        list(ee_from_base[:, :3, 3]),
        list(boards[:, :3, :3]),
        list(boards[:, :3, 3]),
        method=cv2.CALIB_HAND_EYE_PARK,
    )
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, np.ravel(translation)
    if not np.isfinite(matrix).all():
        raise SimilarViewsError(
            "calibration: the views do not determine the camera's pose; tilt the board forwards "
            "and back as well as to both sides"
        )
    base_from_optical = pose_from_matrix(matrix)
    held = compose(invert(base_from_ee), compose(base_from_optical, optical_from_board))
    # The middle one of each coordinate, so that a few wrong views do not matter.
    middle = rotation_of(held[np.argmin(_distances(held))])
    return base_from_optical, pose_at(np.median(position_of(held), axis=0), middle)


def _distances(poses: FloatArray) -> FloatArray:
    """For each pose, the sum of the angles to all others [rad]."""
    rotations = rotation_of(poses)
    return np.array([(one.inv() * rotations).magnitude().sum() for one in rotations])


def _camera_matrix(intrinsics: Intrinsics) -> FloatArray:
    return np.array(
        [[intrinsics.fx, 0.0, intrinsics.cx], [0.0, intrinsics.fy, intrinsics.cy], [0.0, 0.0, 1.0]]
    )
