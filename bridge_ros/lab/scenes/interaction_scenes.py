"""Procedural scenes with one contact each: a grasp, a placement, or a motion that leaves one.

Made from privileged state, a batch at a time: what stands where, the keypoint that a demonstrator
would choose, and the rough one that a planner writes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec, rotvec_from_matrix
from bridge_ros.lab.scenes import objects as kinds
from bridge_ros.lab.scenes.contacts import Contact, Support, nearest_grasp, nearest_place
from bridge_ros.lab.scenes.grippers import GripperBatch, make_grippers
from bridge_ros.lab.scenes.layout import (
    cups_around,
    lay_ground,
    stand,
    strew_distractors,
    support_of,
    yaw,
)
from bridge_ros.lab.scenes.objects import Objects, make_objects
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.scene_settings import SceneSettings
from bridge_ros.lab.scenes.solids import Solids

GRASP, PLACE, LEAVE, HOVER = range(4)
INTERACTIONS = ("grasp", "place", "leave", "hover")


class InteractionScene(NamedTuple):
    """A batch of scenes, world frame, z up.

    interaction: `(B,)` of GRASP, PLACE, LEAVE, HOVER. family: `(B,)` of what it is about.
    still: solids that do not move. thing: the object that is grasped, held or left, in its own
    frame; thing_pose its pose where it is not held. in_hand: its pose in the hand while it is held.
    held: `(B,)` whether it is held all the time (PLACE, and some of LEAVE).
    gripper: what the hand looks like. width_before_m, width_after_m: `(B,)` how far it is open
    before and after it acts. told_before_m, told_after_m: `(B,)` the guidance's widths.
    true: `(B, …)` the keypoint of the demonstration. rough: `(B, …)` that of the guidance.
    usable: `(B,)` whether the rough one is near enough to be corrected.
    """

    interaction: Tensor
    family: Tensor
    still: Solids
    thing: Solids
    thing_pose: Poses
    in_hand: Poses
    held: Tensor
    gripper: GripperBatch
    width_before_m: Tensor
    width_after_m: Tensor
    told_before_m: Tensor
    told_after_m: Tensor
    true: Poses
    rough: Poses
    usable: Tensor


def contacts_only(scenes: SceneSettings) -> SceneSettings:
    """The same scenes, but only grasps and placements."""
    return replace(scenes, interaction_weights=(0.5, 0.5, 0.0, 0.0))


def make_scenes(settings: SceneSettings, draw: RandomDraws) -> InteractionScene:
    """A batch of scenes; the same draws give the same scenes."""
    interaction = draw.choice(settings.interaction_weights)
    placing, leaving = interaction == PLACE, interaction == LEAVE
    gripper = make_grippers(draw, settings.gripper_weights)
    ground, platform, position = lay_ground(settings.platform_share, draw)
    target, target_pose = _target(settings, placing, position, ground, gripper, draw)
    weights = settings.support_weights
    support = make_objects(draw.choice(weights), draw, widest_m=gripper.stroke_m + 0.02)
    support_pose = stand(support, position, ground, draw)
    bare = draw.chance(settings.on_table_share)
    surface = support_of(support, support_pose, bare, position, ground)

    approach = _approach(settings, target, target_pose, placing, draw)
    grasp = _demonstrated_grasp(target, target_pose, gripper, approach, ground, draw)
    nesting = placing & ~bare & (support.family == kinds.CUP)
    small = _shrink(nesting, surface, target)
    held_thing = _scaled(target.solids, small)
    half = target.affordance.half * small[:, None]
    standing, standing_width = _taken_upright(target, gripper, draw)
    standing = Poses(standing.positions * small[:, None], standing.rotations)
    in_hand = _slipped(target_pose.local(grasp.poses), draw)
    in_hand = _either(placing, standing, in_hand)

    place = _demonstrated_place(surface, in_hand, half, draw)
    true = _either(placing, place.poses, grasp.poses)
    long = target.affordance.grip_half[:, :2].amax(-1) * 0.8
    rough = roughen(settings, true, torch.where(placing, 0.0, long), draw)
    again = nearest_grasp(rough, target_pose, target.affordance, gripper, approach, ground)
    put = nearest_place(rough, in_hand, half, surface)
    true = _either(placing, put.poses, again.poses)
    contact = placing | (interaction == GRASP)
    usable = (placing | (grasp.possible & again.possible)) & (
        ~contact | _correctable(true.local(rough), settings)
    )
    back = rough.rotations[..., 2] * draw.uniform(0.04, 0.14, 1)
    hovering = Poses(rough.positions - back, rough.rotations)
    rough = _either(leaving, true, _either(interaction == HOVER, hovering, rough))
    true = _either(contact, true, rough)

    standing_there = placing & ~bare
    size = torch.where(placing, support.radius, target.radius) * (standing_there | ~placing)
    middle = _either(placing, support_pose, target_pose).positions
    others = strew_distractors(
        settings.distractors, middle, size, rough, ground, gripper.stroke_m + 0.02, draw
    )
    around = cups_around(support, support_pose, settings.nested_share, draw)
    gripped = torch.where(placing, standing_width * small, again.width_m)
    held = placing | (leaving & draw.chance(0.65))
    return InteractionScene(
        interaction=interaction,
        family=torch.where(placing, support.family, target.family),
        still=Solids.union(
            platform,
            others,
            support.solids.moved(*support_pose).only(standing_there),
            around.only(standing_there),
        ),
        thing=held_thing,
        thing_pose=target_pose,
        in_hand=in_hand,
        held=held,
        gripper=gripper,
        **_widths(interaction, held, torch.minimum(gripped, gripper.stroke_m), gripper, draw),
        true=true,
        rough=rough,
        usable=usable,
    )


def _target(
    settings: SceneSettings,
    placing: Tensor,
    position: Tensor,
    ground: Tensor,
    gripper: GripperBatch,
    draw: RandomDraws,
) -> tuple[Objects, Poses]:
    """What is grasped or held, and where it stands; drawers cannot be carried about."""
    family = draw.choice(settings.grasp_weights)
    family = torch.where(placing & (family == kinds.HANDLE), kinds.BOX_LIKE, family)
    target = make_objects(family, draw, widest_m=gripper.stroke_m)
    return target, stand(target, position, ground, draw)


def _correctable(error: Poses, settings: SceneSettings) -> Tensor:
    off_m = torch.linalg.vector_norm(error.positions, dim=-1)
    off_rad = torch.linalg.vector_norm(rotvec_from_matrix(error.rotations), dim=-1)
    near: Tensor = (off_m < settings.largest_error_m) & (off_rad < settings.largest_error_rad)
    return near


def _scaled(solids: Solids, factor: Tensor) -> Solids:
    return solids._replace(
        positions=solids.positions * factor[:, None, None],
        half=solids.half * factor[:, None, None],
        wall=solids.wall * factor[:, None],
    )


def _either(mask: Tensor, one: Poses, other: Poses) -> Poses:
    return Poses(
        torch.where(mask[:, None], one.positions, other.positions),
        torch.where(mask[:, None, None], one.rotations, other.rotations),
    )


def _widths(
    interaction: Tensor,
    held: Tensor,
    gripped: Tensor,
    gripper: GripperBatch,
    draw: RandomDraws,
) -> dict[str, Tensor]:
    """Openings before and after the gripper acts, as they are and as the guidance says."""
    most = gripper.stroke_m
    least = torch.minimum(gripped + 0.015, most)
    wide = torch.where(draw.chance(0.6), most, least + (most - least) * draw.uniform(0, 1))
    squeeze = torch.where(draw.chance(0.5), 0.0, (gripped - 0.010).clamp(min=0.0))
    holding = torch.where(draw.chance(0.4), gripped, squeeze)
    grasping, placing = interaction == GRASP, interaction == PLACE
    released = torch.minimum(gripped + draw.uniform(0.010, 0.06), most)
    released = torch.where(draw.chance(0.5), most, released)
    before = torch.where(held, gripped, wide)
    told = torch.where(held, holding, wide)
    after = torch.where(grasping, gripped, torch.where(placing, released, before))
    told_after = torch.where(grasping, squeeze, torch.where(placing, released, told))
    return {
        "width_before_m": before,
        "width_after_m": after,
        "told_before_m": told,
        "told_after_m": told_after,
    }


def _approach(
    settings: SceneSettings, target: Objects, placed: Poses, placing: Tensor, draw: RandomDraws
) -> Tensor:
    """The direction `(B, 3)` in which the hand points at the contact.

    Handles are taken from the front, or from above with a finger behind the bar.
    """
    turn = draw.uniform(-torch.pi, torch.pi)
    tilted = draw.chance(settings.tilted_share) & ~placing
    tilt = torch.where(tilted, draw.uniform(0.0, settings.tilt_rad), 0.0)
    direction = torch.stack([tilt.sin() * turn.cos(), tilt.sin() * turn.sin(), -tilt.cos()], -1)
    handle = (target.family == kinds.HANDLE) & ~placing
    axis = torch.where(draw.chance(0.5, 1), placed.rotations[..., 2], placed.rotations[..., 1])
    return torch.where(handle[:, None], -axis, direction)


def _demonstrated_grasp(
    target: Objects,
    placed: Poses,
    gripper: GripperBatch,
    approach: Tensor,
    ground: Tensor,
    draw: RandomDraws,
) -> Contact:
    """A random good grasp: the one nearest to a random hand over the object."""
    spread = target.affordance.grip_half * draw.uniform(-1.0, 1.0, 3)
    start = placed.positions + (placed.rotations @ spread[..., None])[..., 0]
    rough = Poses(start, _pointing(approach, draw))
    return nearest_grasp(rough, placed, target.affordance, gripper, approach, ground)


def _taken_upright(
    target: Objects, gripper: GripperBatch, draw: RandomDraws
) -> tuple[Poses, Tensor]:
    """How a standing object lies in a hand that took it from above, and the width of that grasp."""
    origin = torch.zeros(draw.size, 3, device=draw.device)
    placed = Poses(origin, yaw(origin[:, 0]))
    down = origin.clone()
    down[:, 2] = -1.0
    ground = -target.affordance.half[:, 2]
    grasp = _demonstrated_grasp(target, placed, gripper, down, ground, draw)
    return _slipped(placed.local(grasp.poses), draw), grasp.width_m


def _slipped(in_hand: Poses, draw: RandomDraws) -> Poses:
    """Objects do not stay exactly where they were taken."""
    moved = draw.normal(3) * torch.tensor([0.004, 0.0005, 0.003], device=draw.device)
    turned = draw.normal(3) * torch.tensor([0.03, 0.08, 0.03], device=draw.device)
    return Poses(in_hand.positions + moved, matrix_from_rotvec(turned) @ in_hand.rotations)


def _shrink(nesting: Tensor, surface: Support, target: Objects) -> Tensor:
    """Factors `(B,)` that make what is to be nested fit into the opening."""
    footprint = target.radius
    round_one = (target.affordance.closing == kinds.ROUND) | (target.family == kinds.BALL)
    footprint = torch.where(round_one, target.affordance.half[:, 0], footprint)
    fitting = (surface.region_half[:, 0] - 0.003) / footprint
    return torch.where(nesting, fitting.clamp(0.2, 1.0), 1.0)


def _demonstrated_place(
    surface: Support, carried: Poses, half: Tensor, draw: RandomDraws
) -> Contact:
    """A random good placement: the one nearest to a random hand over the support."""
    down = torch.zeros(draw.size, 3, device=draw.device)
    down[:, 2] = -1.0
    region = surface.region_half.clamp(max=0.08)
    aside = torch.cat([region * draw.uniform(-1.0, 1.0, 2), draw.uniform(-0.03, 0.05, 1)], 1)
    start = surface.position + (surface.rotation @ aside[..., None])[..., 0]
    rotation = _pointing(down, draw)
    start = start - (rotation @ carried.positions[..., None])[..., 0]
    start[:, 2] += half[:, 2]
    return nearest_place(Poses(start, rotation), carried, half, surface)


def roughen(settings: SceneSettings, true: Poses, long_m: Tensor, draw: RandomDraws) -> Poses:
    """Keypoints as a planner writes them: off by centimetres and degrees, or on the wrong spot.

    Args:
        long_m: `(B,)` how far the wrong spot may be, along the hand's x axis [m].
    """
    quality = draw.uniform(0.0, 1.8, 1)
    moved = settings.position_error_m * quality * draw.normal(3)
    astray = draw.chance(settings.wrong_spot_share)
    along = torch.where(astray, long_m * draw.uniform(-1.0, 1.0), 0.0)
    moved = moved + true.rotations[..., 0] * along[:, None]
    tilt = settings.tilt_error_rad
    scale = torch.tensor([tilt, tilt, settings.yaw_error_rad], device=draw.device)
    turned = scale * quality * draw.normal(3)
    return Poses(true.positions + moved, true.rotations @ matrix_from_rotvec(turned))


def _pointing(approach: Tensor, draw: RandomDraws) -> Tensor:
    """Rotations `(B, 3, 3)` whose z is `approach`, turned about it anyhow."""
    helper = torch.nn.functional.normalize(draw.normal(3), dim=-1)
    y = helper - (helper * approach).sum(-1, keepdim=True) * approach
    y = torch.nn.functional.normalize(y, dim=-1)
    return torch.stack([torch.linalg.cross(y, approach), y, approach], -1)
