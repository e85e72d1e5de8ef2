"""Top-down grasps: where and how the fingers close on an object, in the table frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.poses import FloatArray, pose_from_matrix
from bridge_ros.planner.grounding.footprint import wrap_half_turn
from bridge_ros.planner.grounding.scene import SeenScene
from bridge_ros.planner.grounding.seen_object import ROUNDED, SeenObject
from bridge_ros.planner.grounding.table import Table
from bridge_ros.settings.ranges import Range, check_ranges

_SQUARE_ASPECT = 0.85
"""With sides more alike than this, either may be taken."""
_OBSTACLE_PIXELS = 6
_ABOVE_M = 0.10
"""What is this much higher than an object is the arm that hangs over it."""


@dataclass(frozen=True, kw_only=True)
class GraspSettings:
    """What the planner must know about the gripper, and how it takes things.

    Attributes:
        stroke_m: largest opening.
        opening_margin_m: room on either side of the object on the way down.
        tight_margin_m: room that is enough where there is a neighbour.
        finger_thickness_m, finger_breadth_m: of one finger, along and across the opening.
        lowest_tcp_m: the tool centre point's least height above the table: its height above the
            fingertips, and some clearance.
        depth_m: how far below an object's top it is taken, half its height at most.
        rim_depth_m: the same for a cup, which is to go into another one.
        rounded_share: of its height, where a rounded thing is taken; below its widest part.
        neutral_yaw_rad: turn of the gripper about the table's normal when at rest; at 0 its x axis
            points towards the camera, as with a camera that faces the robot.
    """

    stroke_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.110
    opening_margin_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.018
    tight_margin_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.008
    finger_thickness_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.020
    finger_breadth_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.024
    lowest_tcp_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.015
    depth_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.030
    rim_depth_m: Annotated[float, Range(above=0.0, below=1.0)] = 0.013
    rounded_share: Annotated[float, Range(above=0.0, below=1.0)] = 0.42
    neutral_yaw_rad: Annotated[float, Range(above=-np.inf, below=np.inf)] = 0.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.tight_margin_m > self.opening_margin_m:
            raise ConfigError(
                f"tight_margin_m: expected at most opening_margin_m, {self.opening_margin_m}, "
                f"got {self.tight_margin_m}"
            )


@dataclass(frozen=True, kw_only=True)
class Grasp:
    """A top-down grasp in the table frame.

    Attributes:
        position: `(3,)` of the tool centre point [m].
        yaw_rad: turn of the gripper about the table's normal; see `top_down_pose`.
        opening_m: of the fingers on the way down.
    """

    position: FloatArray
    yaw_rad: float
    opening_m: float


def top_down_pose(table: Table, position: FloatArray, yaw_rad: float) -> FloatArray:
    """Pose `(7,)` in the camera frame of a gripper that points into the table.

    Args:
        position: `(3,)` of the tool centre point in the table frame [m].
        yaw_rad: about the table's normal; at 0 its x axis points towards the camera and its
            fingers open along the image's horizontal.
    """
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    axes = np.array([[sin, -cos, 0.0], [-cos, -sin, 0.0], [0.0, 0.0, -1.0]]).T
    matrix = np.eye(4)
    matrix[:3, :3] = table.rotation @ axes
    matrix[:3, 3] = table.to_camera(position)
    return pose_from_matrix(matrix)


def yaw_of_pose(table: Table, rotation: FloatArray) -> float:
    """The `yaw_rad` of a gripper's rotation `(3, 3)` in the camera frame."""
    opening = table.rotation.T @ rotation[:, 1]
    return float(np.arctan2(-opening[1], -opening[0]))


def choose_grasp(
    scene: SeenScene,
    target: SeenObject,
    settings: GraspSettings,
    *,
    turn_rad: float = 0.0,
) -> Grasp:
    """The grasp with the least turn of the wrist that keeps the fingers off the neighbours.

    Args:
        turn_rad: of the wrist, that is preferred where the object may be taken either way.

    Raises:
        PlanError: if the object is too wide for the gripper, or stands too close to others.
    """
    footprint = target.footprint
    widest_m = settings.stroke_m - 2 * settings.tight_margin_m
    if footprint.width_m > widest_m:
        raise PlanError(
            f"the {target.name} is {1000 * footprint.width_m:.0f} mm wide: the gripper takes "
            f"at most {1000 * widest_m:.0f} mm"
        )
    tcp_m = target.base_m + max(_height_m(target, settings), settings.lowest_tcp_m)
    obstacles = _obstacles(scene, target, tcp_m - settings.lowest_tcp_m)
    for grasp in _candidates(target, tcp_m, settings, turn_rad):
        if not _collides(grasp, obstacles, settings):
            return grasp
    raise PlanError(
        f"no room for the fingers beside the {target.name}: something stands too close to it"
    )


def _candidates(
    target: SeenObject, tcp_m: float, settings: GraspSettings, preferred_rad: float
) -> Iterator[Grasp]:
    """Across the narrower side first, wide before tight; on a square, with little wrist turn."""
    footprint = target.footprint
    sides = [
        (wrap_half_turn(footprint.yaw_rad + turn_rad - settings.neutral_yaw_rad), width_m)
        for turn_rad, width_m in ((np.pi / 2, footprint.width_m), (0.0, footprint.length_m))
    ]
    margins = (settings.opening_margin_m, settings.tight_margin_m)
    if footprint.width_m > _SQUARE_ASPECT * footprint.length_m:
        sides.sort(key=lambda side: abs(wrap_half_turn(side[0] - preferred_rad)))
        order = [(side, margin_m) for margin_m in margins for side in sides]
    else:
        order = [(side, margin_m) for side in sides for margin_m in margins]
    for (turn_rad, width_m), margin_m in order:
        if width_m + 2 * settings.tight_margin_m <= settings.stroke_m:
            yield Grasp(
                position=np.array([*footprint.center, tcp_m]),
                yaw_rad=turn_rad + settings.neutral_yaw_rad,
                opening_m=min(width_m + 2 * margin_m, settings.stroke_m),
            )


def _height_m(target: SeenObject, settings: GraspSettings) -> float:
    """Of the tool centre point above what the object stands on."""
    height_m = target.top_m - target.base_m
    if target.shape in ROUNDED:
        return settings.rounded_share * height_m
    depth_m = settings.rim_depth_m if target.shape == "cup" else settings.depth_m
    return height_m - min(depth_m, height_m / 2)


def _obstacles(scene: SeenScene, target: SeenObject, above_m: float) -> FloatArray:
    """Points `(N, 2)` near the target that rise above where the fingertips go."""
    xy = scene.cloud[..., :2]
    offset = np.abs(xy - target.footprint.center).max(axis=-1)
    near = scene.known & (offset < 0.12)
    near &= scene.cloud[..., 2] > max(above_m, 0.010)
    near &= scene.cloud[..., 2] < target.top_m + _ABOVE_M
    points = xy[near]
    own = target.footprint.contains(points, 1.15)
    return np.asarray(points[~own])


def _collides(grasp: Grasp, obstacles: FloatArray, settings: GraspSettings) -> bool:
    cos, sin = np.cos(grasp.yaw_rad), np.sin(grasp.yaw_rad)
    offset = obstacles - grasp.position[:2]
    along = np.abs(offset @ [cos, sin])
    across = np.abs(offset @ [-sin, cos])
    inner_m = grasp.opening_m / 2 - 0.002
    hit = (along > inner_m) & (along < inner_m + settings.finger_thickness_m)
    return int((hit & (across < settings.finger_breadth_m / 2)).sum()) > _OBSTACLE_PIXELS
