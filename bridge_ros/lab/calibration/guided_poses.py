"""Poses of the hand that show the board to the camera from many sides, all reachable and safe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.camera.calibration_board import EE_FROM_BOARD, Board
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.box import Box, Corner
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    distance_between,
    invert,
    pose_at,
    rotation_between,
    rotation_of,
    transform_points,
)
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.lab.calibration.errors import FewViewsError

_METRES_A_RADIAN = 0.4
"""How far apart two poses are, turns and shifts weighed against each other."""


@dataclass(frozen=True, kw_only=True)
class GuidedPosesSettings:
    """Where the hand may be brought, and how.

    Attributes:
        poses: how many.
        ee_from_board_m, ee_from_board_xyzw: where the board's frame is in the hand, roughly.
        workspace_min_m, workspace_max_m: corners of the box for the tool centre point, base frame.
        floor_m: lowest height of the board above base.
        max_tilt_rad: of the hand, from how it is at home.
        max_view_angle_rad: between the board's normal and the line to the camera.
        image_margin_px: between the board and the picture's edge.
        candidates: poses to choose from.
    """

    poses: int = 16
    ee_from_board_m: tuple[float, ...] = EE_FROM_BOARD[:3]
    ee_from_board_xyzw: tuple[float, ...] = EE_FROM_BOARD[3:]
    workspace_min_m: Corner = (0.32, -0.26, 0.22)
    workspace_max_m: Corner = (0.62, 0.26, 0.52)
    floor_m: float = 0.05
    max_tilt_rad: float = 0.6
    max_view_angle_rad: float = 0.9
    image_margin_px: float = 15.0
    candidates: int = 400

    def __post_init__(self) -> None:
        Box(min_m=self.workspace_min_m, max_m=self.workspace_max_m)
        if len(self.ee_from_board_m) != 3 or len(self.ee_from_board_xyzw) != 4:
            raise ConfigError(
                "ee_from_board_m, ee_from_board_xyzw: expected 3 and 4 numbers, got "
                f"{self.ee_from_board_m} and {self.ee_from_board_xyzw}"
            )
        if abs(np.linalg.norm(self.ee_from_board_xyzw) - 1.0) > 0.01:
            raise ConfigError(
                f"ee_from_board_xyzw: expected a unit quaternion, got {self.ee_from_board_xyzw}"
            )
        if not 4 <= self.poses <= self.candidates:
            raise ConfigError(
                f"guidance: expected 4 <= poses <= candidates, got {self.poses}, {self.candidates}"
            )

    @property
    def workspace(self) -> Box:
        """Where the tool centre point may be brought."""
        return Box(min_m=self.workspace_min_m, max_m=self.workspace_max_m)

    @property
    def ee_from_board(self) -> FloatArray:
        """`(7,)` the board in the hand, roughly."""
        return np.array([*self.ee_from_board_m, *self.ee_from_board_xyzw])


def guided_poses(
    start: FloatArray,
    base_from_optical: FloatArray,
    *,
    board: Board,
    intrinsics: Intrinsics,
    reach: Fr3Reach,
    settings: GuidedPosesSettings,
    seed: int = 0,
) -> list[FloatArray]:
    """Poses `(7,)` of the tool centre point in base, in an order of short ways, from `start` on.

    Every one, and the straight way to it from the one before, is within reach. They are as unlike
    each other as the candidates allow.

    Args:
        start: `(7,)` where the hand is now.
        base_from_optical: `(7,)` where the camera is, roughly.

    Raises:
        FewViewsError: if fewer poses than wanted fit.
    """
    home = np.array(reach.home_joints)
    upright = reach.tcp_pose(home)
    rng = np.random.default_rng(seed)
    fitting: list[FloatArray] = []
    for _ in range(settings.candidates):
        pose = _candidate(rng, upright, settings)
        if _shows_board(pose, base_from_optical, board, intrinsics, settings) and (
            reach.way(upright, pose, home) is not None
        ):
            fitting.append(pose)
    if len(fitting) < settings.poses:
        raise FewViewsError(
            f"guided poses: {len(fitting)} of {settings.candidates} fit, expected at least "
            f"{settings.poses}; set where the camera and the board roughly are "
            "(--extrinsics, ee_from_board_m), or guide the arm by hand (--hand-guided)"
        )
    return _in_order(_most_unlike(fitting, settings.poses), start, upright, reach)


def _candidate(
    rng: np.random.Generator, upright: FloatArray, settings: GuidedPosesSettings
) -> FloatArray:
    position = rng.uniform(settings.workspace_min_m, settings.workspace_max_m)
    axis = rng.normal(size=3)
    tilt = rng.uniform(0.2, 1.0) * settings.max_tilt_rad * axis / np.linalg.norm(axis)
    turned = Rotation.from_rotvec(tilt) * rotation_of(upright)
    return pose_at(position, turned)


def _shows_board(
    pose: FloatArray,
    base_from_optical: FloatArray,
    board: Board,
    intrinsics: Intrinsics,
    settings: GuidedPosesSettings,
) -> bool:
    """Whether the camera sees all of the board, steeply enough, and it stays above the table."""
    base_from_board = compose(pose, settings.ee_from_board)
    outline = transform_points(base_from_board, board.outline_m)
    if outline[:, 2].min() < settings.floor_m:
        return False
    optical_from_board = compose(invert(base_from_optical), base_from_board)
    seen = transform_points(optical_from_board, board.outline_m)
    if seen[:, 2].min() < 0.2:
        return False
    pixels, margin = intrinsics.project(seen), settings.image_margin_px
    size = np.array([intrinsics.width, intrinsics.height])
    if (pixels < margin).any() or (pixels > size - margin).any():
        return False
    middle = transform_points(optical_from_board, board.center_m[None])[0]
    into_board = rotation_of(optical_from_board).apply([0.0, 0.0, 1.0])
    cosine = float(into_board @ middle / np.linalg.norm(middle))
    return cosine > float(np.cos(settings.max_view_angle_rad))


def _distance(one: FloatArray, other: FloatArray) -> float:
    shift_m = distance_between(one, other)
    return float(np.hypot(shift_m, _METRES_A_RADIAN * rotation_between(one, other)))


def _most_unlike(poses: list[FloatArray], count: int) -> list[FloatArray]:
    """Farthest-point choice."""
    chosen = [poses[0]]
    nearest = np.array([_distance(pose, chosen[0]) for pose in poses])
    while len(chosen) < count:
        chosen.append(poses[int(nearest.argmax())])
        nearest = np.minimum(nearest, [_distance(pose, chosen[-1]) for pose in poses])
    return chosen


def _in_order(
    poses: list[FloatArray], start: FloatArray, upright: FloatArray, reach: Fr3Reach
) -> list[FloatArray]:
    """Nearest first; between two whose straight way leads out of reach, over the upright pose."""
    home = np.array(reach.home_joints)
    left, ordered, here = list(poses), [upright], upright
    joints = home
    if _distance(start, upright) < 1e-3:
        ordered = []
    while left:
        left.sort(key=lambda pose, here=here: _distance(pose, here))  # type: ignore[misc]
        pose = left.pop(0)
        ahead = reach.way(here, pose, joints)
        if ahead is None:
            ordered.append(upright)
            ahead = reach.way(upright, pose, home)
        assert ahead is not None, "every pose was found to be within reach of the upright one"
        ordered.append(pose)
        here, joints = pose, ahead
    return ordered
