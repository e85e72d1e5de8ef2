"""A small ray caster for tests: coloured boxes on a table, as an RGB-D camera sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray

INTRINSICS = Intrinsics(width=640, height=480, fx=605.0, fy=605.0, cx=319.5, cy=239.5)

RGB = {
    "red": (190, 25, 25),
    "green": (30, 150, 45),
    "blue": (30, 60, 190),
    "yellow": (230, 200, 30),
    "orange": (235, 120, 20),
    "purple": (120, 40, 160),
    "white": (225, 225, 225),
    "black": (25, 25, 25),
    "brown": (120, 75, 40),
    "grey": (125, 125, 125),
}


@dataclass(frozen=True)
class Box:
    """An upright box: centre of its foot and size [m] in the world, yaw [rad]."""

    colour: str
    x: float
    y: float
    size: tuple[float, float, float]
    yaw: float = 0.0
    z: float = 0.0


def cube(colour: str, x: float, y: float, *, side: float = 0.04, yaw: float = 0.0) -> Box:
    """A cube on the table."""
    return Box(colour, x, y, (side, side, side), yaw)


def basket(
    colour: str, x: float, y: float, *, side: float = 0.16, height: float = 0.08
) -> list[Box]:
    """Four walls on a floor."""
    wall, offset = 0.008, side / 2
    return [
        Box(colour, x, y, (side, side, 0.006)),
        Box(colour, x - offset, y, (wall, side, height)),
        Box(colour, x + offset, y, (wall, side, height)),
        Box(colour, x, y - offset, (side, wall, height)),
        Box(colour, x, y + offset, (side, wall, height)),
    ]


def arm(x: float = 0.35, y: float = 0.0, tip: float = 0.45) -> list[Box]:
    """A robot's column at the far side, an upper arm, and a gripper that hangs from it."""
    return [
        Box("white", 0.0, 0.0, (0.15, 0.15, 0.75)),
        Box("white", x / 2, y / 2, (x + 0.1, 0.1, 0.1), float(np.arctan2(y, x)), z=0.65),
        Box("grey", x, y, (0.08, 0.08, 0.65 - tip - 0.10), z=tip + 0.10),
        Box("black", x, y - 0.05, (0.02, 0.015, 0.10), z=tip),
        Box("black", x, y + 0.05, (0.02, 0.015, 0.10), z=tip),
    ]


def camera_pose(
    eye: tuple[float, float, float] = (1.2, 0.0, 0.7),
    at: tuple[float, float, float] = (0.45, 0.0, 0.0),
) -> tuple[FloatArray, FloatArray]:
    """Rotation `(3, 3)` and position of a camera (optical frame) in the world, upright."""
    z = np.subtract(at, eye) / np.linalg.norm(np.subtract(at, eye))
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z], axis=1), np.array(eye)


def render(
    boxes: list[Box], *, noise: bool = True, seed: int = 0, **camera: tuple[float, float, float]
) -> RGBDFrame:
    """The frame of a camera over a grey table z = 0 (x, y within 0.9 m), a floor at z = -0.75."""
    rotation, eye = camera_pose(**camera)
    rays = INTRINSICS.deproject_image(np.ones((480, 640), np.float32)) @ rotation.T
    depth = np.full((480, 640), np.inf)
    rgb = np.zeros((480, 640, 3))
    surfaces = [Box("grey", 0.3, 0.0, (1.8, 1.8, 0.03), z=-0.03)]
    surfaces += [Box("brown", 0.0, 0.0, (9.0, 9.0, 0.1), z=-0.85), *boxes]
    for box in surfaces:
        distance, shade = _hit(box, eye, rays)
        nearer = distance < depth
        depth[nearer] = distance[nearer]
        rgb[nearer] = np.array(RGB[box.colour]) * shade[nearer][:, None]
    depth[~np.isfinite(depth)] = 0.0
    generator = np.random.default_rng(seed)
    if noise:
        depth += generator.normal(size=depth.shape) * 0.002 * depth**2
        edges = np.hypot(*np.gradient(depth)) > 0.02
        depth[edges & (generator.random(depth.shape) < 0.5)] = 0.0
        rgb += generator.normal(size=rgb.shape) * 3.0
    millimetres = np.rint(depth * 1000.0)
    return RGBDFrame(
        rgb=np.clip(rgb, 0, 255).astype(np.uint8),
        depth_m=(millimetres / 1000.0).astype(np.float32),
        intrinsics=INTRINSICS,
        stamp_s=1.0,
    )


def to_world(points: FloatArray, **camera: tuple[float, float, float]) -> FloatArray:
    """Points of the camera frame in the world."""
    rotation, eye = camera_pose(**camera)
    return np.asarray(points @ rotation.T + eye)


def _hit(
    box: Box, eye: FloatArray, rays: FloatArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Depth along each ray to the box (infinite where missed), and brightness of what is hit."""
    cos, sin = np.cos(box.yaw), np.sin(box.yaw)
    turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    half = np.array(box.size) / 2
    start = (eye - [box.x, box.y, box.z + half[2]]) @ turn
    with np.errstate(divide="ignore", invalid="ignore"):
        local = rays @ turn
        first, second = (-half - start) / local, (half - start) / local
    near = np.minimum(first, second)
    enter, leave = near.max(-1), np.maximum(first, second).min(-1)
    brightness = np.array([0.75, 0.6, 1.0])[near.argmax(-1)]
    return np.where((enter < leave) & (enter > 0), enter, np.inf), brightness
