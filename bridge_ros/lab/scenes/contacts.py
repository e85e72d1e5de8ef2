"""The nearest good keypoint to a rough one: where to grasp, and where to put what is held.

A correction is only worth learning where geometry determines it. Each rule therefore keeps of the
rough pose what may stay (the spot along a bar, the turn about a can, a place on a large surface)
and corrects what may not (the middle between the fingers, parallel faces, the height).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes.grippers import GripperBatch
from bridge_ros.lab.scenes.objects import ACROSS, ANYWHERE, FACES, ROUND, Affordance

_GRIP_DEPTH_M = 0.012
_DEEPEST_M = 0.045
_RIM_DEPTH_M = 0.020
_END_MARGIN_M = 0.030
_TABLE_CLEARANCE_M = 0.004
_FACE_CLEARANCE_M = 0.006
_USED_ROOM = 0.5
"""Share of the room on a support that is used: the held thing's footprint is hardly seen."""


class Contact(NamedTuple):
    """Keypoints: poses `(B, …)`, the width `(B,)` that fingers close to, and whether it works."""

    poses: Poses
    width_m: Tensor
    possible: Tensor


class Support(NamedTuple):
    """Where things may be put down, world frame.

    position: `(B, 3)` middle of the surface, or of the opening's rim. rotation: `(B, 3, 3)`.
    region_half: `(B, 2)` half extents in which all of what is put down must be [m].
    margin_m: `(B,)` room to leave at its rim.
    lowest_m, highest_m: `(B,)` where its bottom may be above `position` when it is let go.
    """

    position: Tensor
    rotation: Tensor
    region_half: Tensor
    margin_m: Tensor
    lowest_m: Tensor
    highest_m: Tensor


def nearest_grasp(
    rough: Poses,
    placed: Poses,
    afford: Affordance,
    gripper: GripperBatch,
    approach: Tensor,
    ground_m: Tensor,
) -> Contact:
    """The grasp of objects that is nearest to rough ones.

    Args:
        rough: `(B, …)` rough keypoints. placed: `(B, …)` the objects' poses. All world frame.
        approach: `(B, 3)` the direction in which the hand should point.
        ground_m: `(B,)` height of what the object stands on.
    """
    axes = placed.rotations
    open_half = gripper.stroke_m / 2 - _FACE_CLEARANCE_M + 0.002
    y = _closing_direction(rough, axes, afford, approach, open_half)
    z = _unit(approach - (approach * y).sum(-1, keepdim=True) * y)
    x = torch.linalg.cross(y, z)
    rotation = torch.stack([x, y, z], -1)

    centre = placed.positions + axes[..., 2] * afford.grip_z[:, None]
    offset = (rotation.transpose(-1, -2) @ (rough.positions - centre)[..., None])[..., 0]
    closing = afford.closing
    reach_x, reach_y, reach_z = (
        _extent(axis, axes, afford.grip_half, closing) for axis in (x, y, z)
    )
    slide = (reach_x - _END_MARGIN_M).clamp(min=0.0)
    slide = torch.where((closing == FACES) | (closing == ACROSS), slide, 0.0)
    along = torch.maximum(torch.minimum(offset[:, 0], slide), -slide)
    hollow = afford.opening_half[:, 0] > 0.0
    high, low = _depth_range(reach_z, closing, hollow, gripper)
    deep = torch.maximum(torch.minimum(offset[:, 2], low), high)
    position = centre + x * along[:, None] + z * deep[:, None]
    lowest = ground_m + gripper.reach_m + _TABLE_CLEARANCE_M
    descent = (-z[:, 2]).clamp(min=0.3)
    too_low = torch.where(z[:, 2] < -0.3, (lowest - position[:, 2]).clamp(min=0.0), 0.0)
    position = position - z * (too_low / descent)[:, None]
    return Contact(Poses(position, rotation), 2 * reach_y, reach_y <= open_half)


def nearest_place(rough: Poses, held: Poses, held_half: Tensor, support: Support) -> Contact:
    """The hand poses nearest to rough ones from which what is held can be let go.

    Args:
        held: `(B, …)` pose of the held object in the hand. held_half: `(B, 3)` its half extents.
    """
    upright = (rough.rotations @ held.rotations)[..., 2]
    world_up = torch.zeros_like(upright)
    world_up[:, 2] = 1.0
    rotation = _shortest_turn(upright, world_up) @ rough.rotations
    turned = rotation @ held.rotations
    carried = (rotation @ held.positions[..., None])[..., 0]
    from_support = support.rotation.transpose(-1, -2)
    relative = (from_support @ (rough.positions + carried - support.position)[..., None])[..., 0]
    footprint = ((from_support @ turned).abs() @ held_half[..., None])[..., :2, 0]
    room = (support.region_half - footprint - support.margin_m[:, None]).clamp(min=0.0)
    room = _USED_ROOM * room
    aside = torch.maximum(torch.minimum(relative[:, :2], room), -room)
    bottom = relative[:, 2] - held_half[:, 2]
    bottom = torch.maximum(torch.minimum(bottom, support.highest_m), support.lowest_m)
    wanted = torch.cat([aside, (bottom + held_half[:, 2])[:, None]], 1)
    position = support.position + (support.rotation @ wanted[..., None])[..., 0] - carried
    everywhere = torch.ones_like(bottom, dtype=torch.bool)
    return Contact(Poses(position, rotation), torch.zeros_like(bottom), everywhere)


def _closing_direction(
    rough: Poses, axes: Tensor, afford: Affordance, approach: Tensor, open_half: Tensor
) -> Tensor:
    """The direction `(B, 3)` in which the fingers close: the best one nearest to the rough one."""
    rough_y = rough.rotations[..., 1]
    likeness = (axes.transpose(-1, -2) @ rough_y[..., None])[..., 0]
    usable = (afford.grip_half <= open_half[:, None]) & (
        (axes.transpose(-1, -2) @ approach[..., None])[..., 0].abs() < 0.7
    )
    best = torch.where(usable, likeness.abs(), -1.0).argmax(-1)
    faces = torch.gather(axes, 2, best[:, None, None].expand(-1, 3, 1))[..., 0]
    level = rough_y - (rough_y * axes[..., 2]).sum(-1, keepdim=True) * axes[..., 2]
    across = torch.linalg.cross(axes[..., 0], approach)
    anywhere = rough_y - (rough_y * approach).sum(-1, keepdim=True) * approach
    closing = afford.closing[:, None]
    y = torch.where(closing == FACES, faces, anywhere)
    y = torch.where(closing == ROUND, level, y)
    y = torch.where(closing == ACROSS, across, y)
    y = _unit(y)
    return y * torch.where((y * rough_y).sum(-1, keepdim=True) < 0, -1.0, 1.0)


def _extent(direction: Tensor, axes: Tensor, half: Tensor, closing: Tensor) -> Tensor:
    """Half the size `(B,)` of the gripped part along a direction `(B, 3)`."""
    local = (axes.transpose(-1, -2) @ direction[..., None])[..., 0].abs()
    box = (local * half).sum(-1)
    disc = local[:, :2].norm(dim=-1) * half[:, 0] + local[:, 2] * half[:, 2]
    roll = local[:, 0] * half[:, 0] + local[:, 1:].norm(dim=-1) * half[:, 1:].amax(-1)
    result = torch.where(closing == ROUND, disc, box)
    result = torch.where(closing == ACROSS, roll, result)
    return torch.where(closing == ANYWHERE, half[:, 0], result)


def _depth_range(
    reach: Tensor, closing: Tensor, hollow: Tensor, gripper: GripperBatch
) -> tuple[Tensor, Tensor]:
    """How far along the approach the tool centre point may be past the object's middle [m]."""
    palm = gripper.depth_m - 0.012
    # A cup is held by its rim, so that the fingers stay clear of the cup that it is put into.
    palm = torch.where(hollow, palm.clamp(max=_RIM_DEPTH_M), palm)
    high = -reach + torch.minimum(reach, torch.full_like(reach, _GRIP_DEPTH_M))
    deepest = torch.minimum(2 * reach - _GRIP_DEPTH_M, palm.clamp(max=_DEEPEST_M))
    low = torch.maximum(-reach + deepest, high)
    middle = (closing == ACROSS) | (closing == ANYWHERE)
    # A little below the middle, so that the fingers reach past the widest part of round things.
    deep = torch.minimum(0.5 * reach, -reach + palm)
    high = torch.where(middle, torch.minimum(-0.1 * reach, deep), high)
    return high, torch.where(middle, deep, low)


def _shortest_turn(start: Tensor, end: Tensor) -> Tensor:
    """Rotation matrices `(B, 3, 3)` that turn unit vectors into others, less than half a turn."""
    axis = torch.linalg.cross(start, end)
    sine = axis.norm(dim=-1, keepdim=True)
    cosine = (start * end).sum(-1, keepdim=True)
    return matrix_from_rotvec(axis / sine.clamp(min=1e-8) * torch.atan2(sine, cosine))


def _unit(vector: Tensor) -> Tensor:
    return torch.nn.functional.normalize(vector, dim=-1)
