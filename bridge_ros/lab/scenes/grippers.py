"""Procedural hands: what the robot's own end looks like in the cloud, at any opening.

All solids are given in the end effector's frame: origin at the tool centre point, z out of the
gripper, y along the opening.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import BOX, CYLINDER, Solids

UMI, FRANKA_HAND, PARALLEL_JAW = range(3)
_SLOTS = 15
_PLATE_TILT = 0.2694


class GripperBatch(NamedTuple):
    """One gripper a scene.

    style: `(B,)` of UMI, FRANKA_HAND, PARALLEL_JAW.
    stroke_m: `(B,)` largest opening. reach_m: `(B,)` how far the fingertips reach beyond the tool
    centre point. depth_m: `(B,)` free length of the fingers before the palm, from that point.
    pad, palm, arm: `(B, 3)` half extents of a finger, of the palm, and the wrist's radius, half
    length and tilt [m], [rad].
    """

    style: Tensor
    stroke_m: Tensor
    reach_m: Tensor
    depth_m: Tensor
    pad: Tensor
    palm: Tensor
    arm: Tensor


def make_grippers(draw: RandomDraws, weights: tuple[float, float, float]) -> GripperBatch:
    """Random grippers, of each style in proportion to `weights`."""
    style = draw.choice(weights)

    def pick(umi: float, franka: float, jaw: Tensor) -> Tensor:
        values = torch.where(style == UMI, umi, jaw)
        return torch.where(style == FRANKA_HAND, franka, values)

    pad = [
        pick(0.011, 0.0105, draw.uniform(0.005, 0.016)),
        pick(0.002, 0.0080, draw.uniform(0.002, 0.010)),
        pick(0.0525, 0.0270, draw.uniform(0.018, 0.060)),
    ]
    reach = pick(0.008, 0.0100, draw.uniform(0.0, 0.020))
    palm = [
        pick(0.0250, 0.0320, draw.uniform(0.020, 0.050)),
        pick(0.0730, 0.1020, draw.uniform(0.035, 0.100)),
        pick(0.0355, 0.0330, draw.uniform(0.020, 0.060)),
    ]
    arm = [draw.uniform(0.035, 0.07), draw.uniform(0.05, 0.15), draw.uniform(0.0, 1.2)]
    depth = pick(0.100, 0.0440, 2 * pad[2] - reach)
    return GripperBatch(
        style,
        pick(0.110, 0.080, draw.uniform(0.06, 0.14)),
        reach,
        depth,
        torch.stack(pad, -1),
        torch.stack(palm, -1),
        torch.stack(arm, -1),
    )


def umi_grippers(size: int, device: torch.device) -> GripperBatch:
    """The deployment's own gripper, `size` times."""
    generator = torch.Generator(device).manual_seed(0)
    return make_grippers(RandomDraws(size, generator), (1.0, 0.0, 0.0))


def gripper_solids(gripper: GripperBatch, width_m: Tensor) -> Solids:
    """The solids of the hand and wrist at an opening `(B,)` [m], end effector frame."""
    device = width_m.device
    size = len(width_m)
    solids = Solids.empty(size, _SLOTS, device)
    umi = gripper.style == UMI
    turn = torch.zeros(size, 3, device=device)
    turn[:, 0] = _PLATE_TILT
    x, thick, long = gripper.pad.unbind(-1)
    knuckle_z = gripper.reach_m - 2 * long
    for side in (1, -1):
        slot = 0 if side == 1 else 5
        open_half = width_m / 2

        def place(
            y: Tensor | float, z: Tensor | float, side: int = side, open_half: Tensor = open_half
        ) -> tuple[float, Tensor, Tensor | float]:
            return 0.0, side * (open_half + y), z

        solids.set(slot, BOX, (x, thick, long), place(thick, gripper.reach_m - long))
        rear = torch.where(umi, 0.0190, 0.5 * thick + 0.006)
        base = torch.where(umi, 0.0160, thick + 0.006)
        deep = torch.where(umi, 0.0190, 0.010)
        solids.set(slot + 1, BOX, (x + 0.003, base, deep), place(rear, knuckle_z - deep * 0.7))
        plate = matrix_from_rotvec(turn * side)
        solids.set(slot + 2, BOX, (0.011, 0.0015, 0.0545), place(0.020, -0.0465), plate, where=umi)
        for rib, (y, half, z) in enumerate(((0.0160, 0.0130, -0.079), (0.0115, 0.0083, -0.045))):
            tilt = matrix_from_rotvec(turn * side * 1.1)
            solids.set(slot + 3 + rib, BOX, (0.010, half, 0.0012), place(y, z), tilt, where=umi)
    palm_x, palm_y, palm_z = gripper.palm.unbind(-1)
    palm_at = torch.where(umi, -0.1795, -gripper.depth_m - palm_z - 0.002)
    solids.set(10, BOX, (palm_x, palm_y, palm_z), (0.0, 0.0, palm_at))
    radius, arm_half, arm_tilt = gripper.arm.unbind(-1)
    flange_z = palm_at - palm_z - 0.02
    solids.set(11, CYLINDER, (0.04, 0.04, 0.022), (0.0, 0.0, flange_z))
    wrist_z = flange_z - arm_half
    solids.set(12, CYLINDER, (radius, radius, arm_half), (0.0, 0.0, wrist_z))
    lean = torch.zeros(size, 3, device=device)
    lean[:, 0] = arm_tilt
    elbow = matrix_from_rotvec(lean)
    forearm = arm_direction(gripper) * 0.2
    at = (forearm[:, 0], forearm[:, 1], wrist_z - arm_half + forearm[:, 2])
    solids.set(13, CYLINDER, (0.06, 0.06, 0.2), at, elbow)
    return solids


def arm_direction(gripper: GripperBatch) -> Tensor:
    """The direction `(B, 3)` in which the arm goes from the wrist, end effector frame."""
    tilt = gripper.arm[:, 2]
    return torch.stack([torch.zeros_like(tilt), tilt.sin(), -tilt.cos()], -1)
