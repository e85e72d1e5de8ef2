"""Corners are found to a fraction of a pixel, and blur is noticed whichever way it goes."""

import cv2
import numpy as np
import pytest

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import rotation_between, transform_points
from bridge_ros.lab.calibration.detection import BoardDetector
from bridge_ros.lab.calibration.errors import BoardNotFoundError
from bridge_ros.lab.calibration.hand_eye import board_pose

BOARD = Board()
DETECTOR = BoardDetector(BOARD)
INTRINSICS = Intrinsics(width=640, height=480, fx=615.0, fy=615.0, cx=319.5, cy=239.5)
POSE = np.array([-0.11, -0.08, 0.7, 0.15, 0.20, 0.05, 1.0])
POSE[3:] /= np.linalg.norm(POSE[3:])
_FINE = 4


def photograph(pose=POSE):
    """The board's picture at a pose, drawn large and averaged down, so that its edges are true."""
    dots = 20
    pattern = BOARD.to_cv().generateImage((BOARD.columns * dots * 4, BOARD.rows * dots * 4))
    height, width = pattern.shape
    ends = INTRINSICS.project(transform_points(pose, BOARD.outline_m))
    # Pixel centres are at whole numbers, in the pattern, the large picture and the small one.
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    target = (ends + 0.5) * _FINE - 0.5
    turn = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    size = (640 * _FINE, 480 * _FINE)
    large = cv2.warpPerspective(pattern, turn, size, flags=cv2.INTER_LINEAR, borderValue=200)
    grey = cv2.resize(large, (640, 480), interpolation=cv2.INTER_AREA)
    return np.repeat(grey[..., None], 3, axis=2)


def test_corners_are_found_to_a_tenth_of_a_pixel():
    found = DETECTOR.detect(photograph())
    assert len(found.ids) == 24
    truth = INTRINSICS.project(transform_points(POSE, BOARD.corners_m[found.ids]))
    errors = np.linalg.norm(found.corners_px - truth, axis=1)
    assert errors.mean() < 0.1
    assert found.edge_width_px < 2.0


def test_the_board_s_pose_follows_from_one_picture():
    pose, rms_px = board_pose(DETECTOR.detect(photograph()), BOARD, INTRINSICS)
    assert rms_px < 0.2
    assert np.linalg.norm(pose[:3] - POSE[:3]) < 0.002
    assert rotation_between(pose, POSE) < 0.01


def test_a_picture_without_the_board_is_refused():
    with pytest.raises(BoardNotFoundError, match="no marker is seen"):
        DETECTOR.detect(np.full((480, 640, 3), 128, dtype=np.uint8))


@pytest.mark.parametrize("axis", [0, 1])
def test_edges_widen_with_the_length_of_motion_blur(axis):
    sharp = photograph()
    widths = []
    for length in (1, 3, 5):
        kernel = np.ones((length, 1) if axis == 0 else (1, length), np.float32) / length
        widths.append(DETECTOR.detect(cv2.filter2D(sharp, -1, kernel)).edge_width_px)
    assert widths[0] < widths[1] < widths[2]
    assert 2.0 < widths[1] < 3.8
    assert widths[2] > 3.5
