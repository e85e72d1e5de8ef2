"""Where things stand in a training scene: the ground, the thing itself, and what lies around."""

from __future__ import annotations

import torch
from torch import Tensor

from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes import objects as kinds
from bridge_ros.lab.scenes.contacts import Support
from bridge_ros.lab.scenes.objects import Objects, make_objects
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import BOX, CYLINDER, Solids


def lay_ground(platform_share: float, draw: RandomDraws) -> tuple[Tensor, Solids, Tensor]:
    """Table and platform; returns the height to stand on, the solids, and where, `(B, 2)`."""
    solids = Solids.empty(draw.size, 2, draw.device)
    table = draw.uniform(-0.3, 0.5)
    position = draw.uniform(-0.3, 0.3, 2)
    edge = draw.uniform(0.10, 0.9, 2)
    off = position + (edge - 0.10) * draw.uniform(-0.9, 0.9, 2)
    thick = draw.uniform(0.01, 0.03)
    solids.set(
        0, BOX, (edge[:, 0], edge[:, 1], thick), (off[:, 0], off[:, 1], table - thick),
        yaw(draw.uniform(-0.3, 0.3)),
    )  # fmt: skip
    raised = draw.chance(platform_share)
    tall = draw.log_uniform(0.01, 0.07)
    size = draw.uniform(0.04, 0.13, 2)
    at = position + draw.uniform(-0.01, 0.01, 2)
    solids.set(
        1, BOX, (size[:, 0], size[:, 1], tall), (at[:, 0], at[:, 1], table + tall),
        yaw(draw.uniform(-torch.pi, torch.pi)), where=raised,
    )  # fmt: skip
    return torch.where(raised, table + 2 * tall, table), solids, position


def stand(thing: Objects, position: Tensor, ground: Tensor, draw: RandomDraws) -> Poses:
    """Objects upright on the ground, turned anyhow; drawer handles on a wall, facing sideways."""
    turned = yaw(draw.uniform(-torch.pi, torch.pi))
    height = ground + thing.affordance.half[:, 2]
    handle = thing.family == kinds.HANDLE
    sideways = matrix_from_rotvec(
        torch.tensor([[0.0, torch.pi / 2, 0.0]], device=ground.device)
    )  # its z becomes the world's x
    level = torch.where(draw.chance(0.3), 0.0, torch.pi / 2)
    spin = yaw(level)
    facing = turned @ sideways @ spin
    height = torch.where(handle, ground + draw.uniform(0.03, 0.30), height)
    return Poses(
        torch.cat([position, height[:, None]], 1),
        torch.where(handle[:, None, None], facing, turned),
    )


def support_of(
    thing: Objects, placed: Poses, bare: Tensor, position: Tensor, ground: Tensor
) -> Support:
    """What can be put on or into objects, or on the ground at `position` where it is `bare`."""
    afford = thing.affordance
    opening = (thing.family == kinds.CUP) | (thing.family == kinds.BASKET)
    cup = thing.family == kinds.CUP
    tall = 2 * afford.half[:, 2]
    top = placed.positions + torch.stack([*[torch.zeros_like(tall)] * 2, afford.half[:, 2]], -1)
    region = torch.where(opening[:, None], afford.opening_half, afford.half[:, :2])
    region = torch.where((thing.family == kinds.CAN)[:, None], region * 0.75, region)
    margin = torch.where(cup, 1.0, torch.where(opening, 0.012, 0.004))
    inside = torch.maximum(0.005 - tall, torch.full_like(tall, -0.030))
    low = torch.where(opening, inside, 0.001)
    high = torch.where(opening, torch.where(cup, -0.008, 0.015), 0.006)
    on_table = torch.cat([position, ground[:, None]], 1)
    return Support(
        torch.where(bare[:, None], on_table, top),
        placed.rotations,
        torch.where(bare[:, None], 1.0, region),
        torch.where(bare, 0.0, margin),
        torch.where(bare, 0.001, torch.minimum(low, high)),
        torch.where(bare, 0.006, high),
    )


def cups_around(thing: Objects, placed: Poses, share: float, draw: RandomDraws) -> Solids:
    """Larger cups `(B, 1)` that some of the cups stand in, as in a stack of cups."""
    device = placed.positions.device
    solids = Solids.empty(draw.size, 1, device)
    radius, tall = thing.affordance.half[:, 0], thing.affordance.half[:, 2]
    wall = draw.uniform(0.0015, 0.005)
    wider = radius * draw.uniform(1.15, 1.45) + wall
    play = (wider - wall - radius).clamp(min=0.0)
    turn = draw.uniform(-torch.pi, torch.pi)
    lower = draw.uniform(-0.004, 0.015)
    solids.set(
        0, CYLINDER, (wider, wider, tall), (play * turn.cos(), play * turn.sin(), -lower),
        wall=wall, floor=-1.0, where=(thing.family == kinds.CUP) & draw.chance(share),
    )  # fmt: skip
    return solids.moved(*placed)


def strew_distractors(
    most: int,
    middle: Tensor,
    size: Tensor,
    rough: Poses,
    ground: Tensor,
    widest: Tensor,
    draw: RandomDraws,
) -> Solids:
    """Other things nearby: never nearer to the rough keypoint than what it is meant for."""
    parts = [Solids.empty(draw.size, 1, draw.device)]
    weights = (0.35, 0.15, 0.12, 0.06, 0.12, 0.10, 0.05, 0.05, 0.0)
    shares = draw.uniform(0.0, 1.0)
    reach = (rough.positions[:, :2] - middle[:, :2]).norm(dim=-1) - size
    for _ in range(most):
        other = make_objects(draw.choice(weights), draw, widest_m=widest)
        radius = other.radius
        angle = draw.uniform(-torch.pi, torch.pi)
        gap = draw.uniform(0.012, 0.12)
        distance = size + radius + gap
        offset = torch.stack([angle.cos(), angle.sin()], -1) * distance[:, None]
        placed = stand(other, middle[:, :2] + offset, ground, draw)
        away = (placed.positions - rough.positions)[:, :2].norm(dim=-1) - radius
        wanted = draw.chance(0.8) & (shares > 0.25) & (away > reach + 0.01)
        parts.append(other.solids.moved(*placed).only(wanted))
    return Solids.union(*parts)


def yaw(angle: Tensor) -> Tensor:
    """Rotations `(B, 3, 3)` about the vertical by `(B,)` [rad]."""
    turn = torch.zeros(len(angle), 3, device=angle.device)
    turn[:, 2] = angle
    return matrix_from_rotvec(turn)
