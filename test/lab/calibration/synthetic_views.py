"""Views of a board computed without pictures: where its corners project to, with noise."""

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import compose, invert, transform_points
from bridge_ros.lab.calibration.board_view import BoardView, Detection
from bridge_ros.lab.calibration.hand_eye import board_pose

BOARD = Board()
INTRINSICS = Intrinsics(width=640, height=480, fx=615.0, fy=612.0, cx=321.0, cy=238.0)
CAMERA = np.array([1.20, 0.03, 0.70, 0.6485210, 0.6485210, -0.2818163, -0.2818163])
CAMERA[3:] /= np.linalg.norm(CAMERA[3:])
HELD = np.array([0.047, 0.126, -0.09, 0.5, -0.5, -0.5, 0.5])
UPRIGHT = np.array([0.45, 0.0, 0.32, 1.0, 0.0, 0.0, 0.0])


def moved(pose, shift_m=(0.0, 0.0, 0.0), turn_rad=(0.0, 0.0, 0.0)):
    turned = Rotation.from_rotvec(turn_rad) * Rotation.from_quat(pose[3:])
    return np.concatenate([pose[:3] + shift_m, turned.as_quat()])


def hands(count, rng, turn_axes=(1.0, 1.0, 1.0)):
    """Poses of the hand: shifted by up to 8 cm and turned by up to 0.45 rad about each axis."""
    return [
        moved(UPRIGHT, rng.uniform(-0.08, 0.08, 3), turn_axes * rng.uniform(-0.45, 0.45, 3))
        for _ in range(count)
    ]


def view_of(ee_pose, rng, *, noise_px=0.2, held=HELD, board=BOARD, seen_from=CAMERA):
    """What the camera makes of the board in the hand at `ee_pose`."""
    pose = compose(invert(seen_from), compose(ee_pose, held))
    corners = INTRINSICS.project(transform_points(pose, board.corners_m))
    detection = Detection(
        ids=np.arange(len(corners)),
        corners_px=corners + rng.normal(0.0, noise_px, corners.shape),
        edge_width_px=1.5,
    )
    optical_from_board, _ = board_pose(detection, BOARD, INTRINSICS)
    return BoardView(ee_pose=ee_pose, detection=detection, optical_from_board=optical_from_board)


def views_of(count, seed, **kinds):
    rng = np.random.default_rng(seed)
    return [view_of(hand, rng, **kinds) for hand in hands(count, rng)]
