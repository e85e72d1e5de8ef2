"""The camera of the training scenes: where it stands, what it sees, and how its depth errs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import Solids, cast

_TILE = 8


@dataclass(frozen=True, kw_only=True)
class DepthCameraRanges:
    """Where cameras stand and how they err; every scene draws its own from these ranges.

    Attributes:
        distance_m, elevation_rad: of the camera as seen from where it looks.
        spread_rad: how far its azimuth may be from facing the robot, to either side.
        focal_px: focal length at 640 x 480.
        rays: rays along each side of the window around the crop; a multiple of 8.
        noise_at_1m_m: range noise at 1 m, growing with z squared; largest standard deviation.
        ripple_at_1m_m: the same of errors that neighbouring pixels share.
        baseline_m: of the stereo pair; what one imager does not see has no depth.
        edge_loss: largest share of pixels lost at depth edges.
        flying: largest share of pixels at depth edges whose depth is in between.
    """

    distance_m: tuple[float, float] = (0.45, 1.45)
    elevation_rad: tuple[float, float] = (0.30, 1.25)
    spread_rad: float = 2.0
    focal_px: tuple[float, float] = (430.0, 900.0)
    rays: int = 64
    noise_at_1m_m: float = 0.003
    ripple_at_1m_m: float = 0.002
    baseline_m: float = 0.05
    edge_loss: float = 0.8
    flying: float = 0.3

    def __post_init__(self) -> None:
        if self.rays < _TILE or self.rays % _TILE:
            raise ConfigError(f"rays: expected a multiple of {_TILE}, got {self.rays}")
        for name in ("distance_m", "elevation_rad", "focal_px"):
            low, high = getattr(self, name)
            if not 0 < low <= high:
                raise ConfigError(f"{name}: expected 0 < low <= high, got {(low, high)}")


class CameraBatch(NamedTuple):
    """One camera a scene.

    position: `(B, 3)`. axes: `(B, 3, 3)` its x (right), y (down), z (out) as columns, world frame.
    focal_px: `(B,)`. The noise of its depth: noise_m, ripple_m, edge_loss, flying, each `(B,)`.
    """

    position: Tensor
    axes: Tensor
    focal_px: Tensor
    noise_m: Tensor
    ripple_m: Tensor
    edge_loss: Tensor
    flying: Tensor


def place_cameras(
    target: Tensor, arm: Tensor, settings: DepthCameraRanges, draw: RandomDraws
) -> CameraBatch:
    """Cameras that look roughly at `target` `(B, 3)`, from a wide dome.

    Args:
        arm: `(B, 3)` the direction from the hand to the robot, which people keep out of the way.
    """
    azimuth = torch.atan2(-arm[:, 1], -arm[:, 0])
    azimuth = azimuth + draw.uniform(-settings.spread_rad, settings.spread_rad)
    elevation = draw.uniform(*settings.elevation_rad)
    away = torch.stack(
        [
            elevation.cos() * azimuth.cos(),
            elevation.cos() * azimuth.sin(),
            elevation.sin(),
        ],
        -1,
    )
    position = target + away * draw.uniform(*settings.distance_m)[:, None]
    looked_at = target + 0.08 * draw.normal(3)
    z = torch.nn.functional.normalize(looked_at - position, dim=-1)
    up = torch.tensor([0.0, 0.0, 1.0], device=target.device) + 0.08 * draw.normal(3)
    x = torch.nn.functional.normalize(torch.linalg.cross(z, up), dim=-1)
    axes = torch.stack([x, torch.linalg.cross(z, x), z], -1)
    return CameraBatch(
        position,
        axes,
        draw.uniform(*settings.focal_px),
        draw.uniform(0.0, settings.noise_at_1m_m),
        draw.uniform(0.0, settings.ripple_at_1m_m),
        draw.uniform(0.0, settings.edge_loss),
        draw.uniform(0.0, settings.flying),
    )


class Sight(NamedTuple):
    """Measured points of a window.

    points: `(B, G * G, 3)` world frame. known: `(B, G * G)` whether there is a depth.
    robot: `(B, G * G)` whether it is the robot's own surface.
    """

    points: Tensor
    known: Tensor
    robot: Tensor


def look(
    view: CameraBatch,
    scene: Solids,
    robot: Solids,
    centre: Tensor,
    radius_m: float,
    settings: DepthCameraRanges,
    draw: RandomDraws,
) -> Sight:
    """What the cameras see around `centre` `(B, 3)`: true first hits, then the errors of stereo.

    The window holds the ball of that radius; a pixel of it may be wider than one of the sensor.
    """
    rays = settings.rays
    local = (view.axes.transpose(-1, -2) @ (centre - view.position)[..., None])[..., 0]
    depth = local[:, 2].clamp(min=0.1)
    reach = radius_m / (depth - radius_m).clamp(min=0.1) * 1.02
    middle = local[:, :2] / depth[:, None]
    grid = (torch.arange(rays, device=centre.device) + 0.5) / rays * 2.0 - 1.0
    shift = draw.uniform(-1.0, 1.0, 2) / rays
    u = middle[:, 0, None] + reach[:, None] * (grid + shift[:, :1])
    v = middle[:, 1, None] + reach[:, None] * (grid + shift[:, 1:])
    in_camera = torch.stack(
        [
            u[:, None, :].expand(-1, rays, -1),
            v[:, :, None].expand(-1, -1, rays),
            torch.ones(len(u), rays, rays, device=u.device),
        ],
        1,
    )
    directions = view.axes @ in_camera.flatten(2)
    tiled = _to_tiles(directions, rays)
    of_scene = _from_tiles(cast(scene, view.position, tiled), rays)
    of_robot = _from_tiles(cast(robot, view.position, tiled), rays)
    is_robot = of_robot < of_scene
    true = torch.minimum(of_scene, of_robot)
    measured, known = _measure(view, true, 2 * reach / rays, settings, draw)
    points = view.position[:, :, None] + directions * measured.flatten(1)[:, None]
    return Sight(points.transpose(1, 2), known.flatten(1), is_robot.flatten(1))


def _measure(
    view: CameraBatch,
    true: Tensor,
    pixel_rad: Tensor,
    settings: DepthCameraRanges,
    draw: RandomDraws,
) -> tuple[Tensor, Tensor]:
    """True depth `(B, G, G)` to measured depth and whether it is known."""
    size = true.shape[-1]
    known = true.isfinite() & (true < 3.0)
    true = torch.where(known, true, 3.0)
    coarse = draw.normal(1, size // 8, size // 8)
    ripple = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bilinear")[:, 0]
    error = view.noise_m[:, None, None] * draw.normal(size, size)
    error = error + view.ripple_m[:, None, None] * ripple
    measured = true + error * true * true

    limit = 0.02 * true
    across = (true[:, :, 1:] - true[:, :, :-1]).abs() > limit[:, :, 1:]
    down = (true[:, 1:] - true[:, :-1]).abs() > limit[:, 1:]
    edge = torch.zeros_like(known)
    edge[:, :, 1:] |= across
    edge[:, :, :-1] |= across
    edge[:, 1:] |= down
    edge[:, :-1] |= down
    # The band that stereo loses is a pixel or two wide, whatever the window's own spacing.
    band = (2.0 / view.focal_px / pixel_rad).clamp(max=1.0)[:, None, None]
    fate = draw.uniform(0.0, 1.0, size, size)
    lost = edge & (fate < view.edge_loss[:, None, None] * band)
    flying = edge & ~lost & (fate > 1.0 - view.flying[:, None, None] * band)
    behind = torch.nn.functional.max_pool2d(true[:, None], 3, stride=1, padding=1)[:, 0]
    blend = draw.uniform(0.0, 1.0, size, size)
    measured = torch.where(flying, torch.lerp(measured, behind, blend), measured)

    columns = torch.arange(size, device=true.device)
    seen_at = columns - settings.baseline_m / pixel_rad[:, None, None] / true
    leftmost = seen_at.flip(-1).cummin(-1).values.flip(-1)
    shadow = torch.zeros_like(known)
    shadow[:, :, :-1] = leftmost[:, :, 1:] < seen_at[:, :, :-1]
    measured = (measured * 1000.0).round() / 1000.0
    return measured, known & ~lost & ~shadow


def _to_tiles(directions: Tensor, rays: int) -> Tensor:
    """`(B, 3, G * G)` in rows to `(B, 3, T, 64)` in tiles of 8 x 8."""
    side = rays // _TILE
    blocks = directions.view(len(directions), 3, side, _TILE, side, _TILE).transpose(3, 4)
    return blocks.reshape(len(directions), 3, side * side, _TILE * _TILE)


def _from_tiles(values: Tensor, rays: int) -> Tensor:
    """`(B, T, 64)` in tiles back to `(B, G, G)`."""
    side = rays // _TILE
    blocks = values.view(len(values), side, side, _TILE, _TILE).transpose(2, 3)
    return blocks.reshape(len(values), rays, rays)
