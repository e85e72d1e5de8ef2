"""Procedural things: boxes, cans, bars, balls, toys, cups, bottles, baskets and drawer handles.

Each object lives in its own frame: origin in the middle of its bounding box, z up. What a gripper
may do with it is described by one small set of numbers, `Affordance`; contacts.py reads them.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.solids import BOX, CYLINDER, ELLIPSOID, Solids

FAMILIES = ("box", "can", "bar", "ball", "toy", "cup", "bottle", "basket", "handle")
BOX_LIKE, CAN, BAR, BALL, TOY, CUP, BOTTLE, BASKET, HANDLE = range(len(FAMILIES))
SLOTS = 9
"""Solids that an object has room for."""

FACES, ROUND, ACROSS, ANYWHERE = range(4)
"""How fingers close on it: on parallel faces along its x or y; on any diameter across its z; across
its x axis; on any diameter at all."""


class Affordance(NamedTuple):
    """What a gripper needs to know of an object, in the object's frame.

    closing: `(B,)` of FACES, ROUND, ACROSS, ANYWHERE.
    grip_half: `(B, 3)` half extents [m] of the part that is gripped.
    grip_z: `(B,)` height of that part's middle above the object's origin [m].
    half: `(B, 3)` half extents of the whole bounding box [m].
    opening_half: `(B, 2)` half extents of the opening from above [m]; 0 where there is none.
    """

    closing: Tensor
    grip_half: Tensor
    grip_z: Tensor
    half: Tensor
    opening_half: Tensor


class Objects(NamedTuple):
    """One object a scene, in its own frame: its family `(B,)`, its solids and its affordance."""

    family: Tensor
    solids: Solids
    affordance: Affordance

    @property
    def radius(self) -> Tensor:
        """`(B,)` of the circle about its bounding box, seen from above [m]."""
        radius: Tensor = self.affordance.half[:, :2].norm(dim=-1)
        return radius


def make_objects(family: Tensor, draw: RandomDraws, *, widest_m: Tensor) -> Objects:
    """Objects of the given families `(B,)`, of random sizes.

    Args:
        widest_m: `(B,)` opening of the gripper [m]: what is to be gripped is made to fit.
    """
    device = family.device
    fits = (widest_m / 2 - 0.006).clamp(min=0.006)
    solids = Solids.empty(draw.size, SLOTS, device)
    zeros = torch.zeros(draw.size, device=device)
    affordance = Affordance(
        torch.zeros_like(family),
        torch.zeros(draw.size, 3, device=device),
        zeros,
        torch.zeros(draw.size, 3, device=device),
        torch.zeros(draw.size, 2, device=device),
    )
    for index, build in enumerate(_BUILDERS):
        rows = torch.nonzero(family == index, as_tuple=True)[0]
        if len(rows) == 0:
            continue
        part = RandomDraws(len(rows), draw.generator)
        built, fields = build(part, fits[rows])
        for whole, piece in zip(solids, built, strict=True):
            whole[rows] = piece
        for whole, piece in zip(affordance, fields, strict=True):
            whole[rows] = piece.to(whole.dtype)
    return Objects(family, solids, affordance)


_Built = tuple[Solids, Affordance]


def _afford(
    closing: int, grip_half: list[Tensor], half: list[Tensor], grip_z: Tensor | float = 0.0
) -> Affordance:
    one = torch.ones_like(half[0])
    return Affordance(
        torch.full_like(one, closing),
        torch.stack(grip_half, -1),
        grip_z * one,
        torch.stack(half, -1),
        torch.zeros_like(torch.stack(half[:2], -1)),
    )


def _box(draw: RandomDraws, fits: Tensor) -> _Built:
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    narrow = torch.minimum(draw.log_uniform(0.008, 0.048), fits)
    other = torch.where(draw.chance(0.5), narrow, draw.log_uniform(0.010, 0.085))
    tall = torch.where(draw.chance(0.4), narrow, draw.log_uniform(0.008, 0.065))
    turned = draw.chance(0.5)
    half = [torch.where(turned, other, narrow), torch.where(turned, narrow, other), tall]
    solids.set(0, BOX, (half[0], half[1], half[2]))
    return solids, _afford(FACES, half, half)


def _can(draw: RandomDraws, fits: Tensor) -> _Built:
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    radius = torch.minimum(draw.log_uniform(0.010, 0.046), fits)
    tall = draw.log_uniform(0.010, 0.070)
    solids.set(0, CYLINDER, (radius, radius, tall))
    return solids, _afford(ROUND, [radius, radius, tall], [radius, radius, tall])


def _bar(draw: RandomDraws, fits: Tensor) -> _Built:
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    radius = torch.minimum(draw.log_uniform(0.006, 0.032), fits)
    long = draw.uniform(0.025, 0.09)
    square = draw.chance(0.3)
    lie = matrix_from_rotvec(torch.tensor([[0.0, torch.pi / 2, 0.0]], device=draw.device))
    lie = lie.expand(draw.size, 3, 3)
    solids.set(0, CYLINDER, (radius, radius, long), rotation=lie, where=~square)
    solids.set(0, BOX, (long, radius, radius), where=square)
    return solids, _afford(ACROSS, [long, radius, radius], [long, radius, radius])


def _ball(draw: RandomDraws, fits: Tensor) -> _Built:
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    radius = torch.minimum(draw.uniform(0.012, 0.045), fits)
    solids.set(0, ELLIPSOID, (radius, radius, radius))
    return solids, _afford(ANYWHERE, [radius] * 3, [radius] * 3)


def _toy(draw: RandomDraws, fits: Tensor) -> _Built:
    """An animal: a barrel on four legs, a head, now and then ears and a tail."""
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    wide = torch.minimum(draw.uniform(0.010, 0.032), fits)
    thick = wide * draw.uniform(0.8, 1.3)
    long = wide * draw.uniform(1.2, 2.6)
    leg = draw.uniform(0.004, 0.025)
    middle = leg / 2
    lie = matrix_from_rotvec(torch.tensor([[0.0, torch.pi / 2, 0.0]], device=draw.device))
    kind = draw.choice((0.5, 0.3, 0.2))
    at = (0.0, 0.0, middle)
    solids.set(0, CYLINDER, (thick, wide, long), at, lie.expand(draw.size, 3, 3), where=kind == 0)
    solids.set(0, ELLIPSOID, (long, wide, thick), at, where=kind == 1)
    solids.set(0, BOX, (long, wide, thick), at, where=kind == 2)
    foot = wide * draw.uniform(0.25, 0.45)
    shin = (leg + 0.7 * thick) / 2
    down = middle - thick - leg + shin
    stance = wide * draw.uniform(0.5, 0.9) - foot * 0.5
    for slot, (fore, side) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)], start=1):
        place = (fore * long * 0.7, side * stance, down)
        solids.set(slot, CYLINDER, (foot, foot, shin), place)
    skull = wide * draw.uniform(0.6, 1.0)
    head = (long * 1.05 + 0.3 * skull, 0.0, middle + thick * draw.uniform(0.0, 0.9))
    square = draw.chance(0.4)
    solids.set(5, ELLIPSOID, (skull * 1.2, skull, skull), head, where=~square)
    solids.set(5, BOX, (skull, skull * 0.9, skull * 0.8), head, where=square)
    tail = (-long - 0.008, 0.0, middle + 0.4 * thick)
    solids.set(6, BOX, (0.010, 0.003, 0.003), tail, where=draw.chance(0.5))
    ears = draw.chance(0.6)
    for slot, side in ((7, 1), (8, -1)):
        place = (head[0], side * skull * 0.8, head[2] + skull * 0.7)
        solids.set(slot, ELLIPSOID, (0.004, skull * 0.5, skull * 0.7), place, where=ears)
    tall = thick + leg / 2
    whole = [long + 0.01, wide, tall]
    return solids, _afford(ACROSS, [long, wide, thick], whole, middle)


def _cup(draw: RandomDraws, fits: Tensor) -> _Built:
    """A cup in up to three rings that widen towards the rim, sometimes with a handle."""
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    radius = torch.minimum(draw.uniform(0.022, 0.048), fits)
    tall = draw.uniform(0.022, 0.065)
    wall = draw.uniform(0.0015, 0.005)
    taper = torch.where(draw.chance(0.5), draw.uniform(0.0, 0.25), 0.0)
    third = tall / 3
    for slot in range(3):
        ring = radius * (1.0 - taper * (2 - slot) / 2)
        place = (0.0, 0.0, (slot - 1) * 2 * third)
        floor = wall * 1.5 if slot == 0 else -1.0
        solids.set(slot, CYLINDER, (ring, ring, third), place, wall=wall, floor=floor)
    handle = draw.chance(0.15)
    grip = (0.010, 0.004, tall * 0.5)
    solids.set(3, BOX, grip, (radius + 0.008, 0.0, 0.0), where=handle)
    afford = _afford(ROUND, [radius, radius, tall], [radius, radius, tall])
    inner = torch.stack([radius - wall, radius - wall], -1)
    return solids, afford._replace(opening_half=inner)


def _bottle(draw: RandomDraws, fits: Tensor) -> _Built:
    """A wide part below a narrow one, or the other way round."""
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    radius = torch.minimum(draw.uniform(0.015, 0.042), fits)
    body, neck = draw.uniform(0.02, 0.05), draw.uniform(0.008, 0.03)
    thin = radius * draw.uniform(0.3, 0.75)
    tall = body + neck
    solids.set(0, CYLINDER, (radius, radius, body), (0.0, 0.0, body - tall))
    solids.set(1, CYLINDER, (thin, thin, neck), (0.0, 0.0, tall - neck))
    whole = [radius, radius, tall]
    return solids, _afford(ROUND, [radius, radius, body], whole, body - tall)


def _basket(draw: RandomDraws, fits: Tensor) -> _Built:
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    x, y = draw.uniform(0.05, 0.11), draw.uniform(0.05, 0.11)
    y = torch.where(draw.chance(0.5), x, y)
    tall = draw.uniform(0.012, 0.055)
    wall = draw.uniform(0.002, 0.008)
    turned = draw.chance(0.25)
    floor = wall.clamp(max=0.004)
    solids.set(0, BOX, (x, y, tall), wall=wall, floor=floor, where=~turned)
    solids.set(0, CYLINDER, (x, x, tall), wall=wall, floor=floor, where=turned)
    y = torch.where(turned, x, y)
    inscribed = torch.where(turned, 0.75, 1.0)
    inner = torch.stack([(x - wall) * inscribed, (y - wall) * inscribed], -1)
    return solids, _afford(FACES, [x, y, tall], [x, y, tall])._replace(opening_half=inner)


def _handle(draw: RandomDraws, fits: Tensor) -> _Built:
    """A bar before the front of a drawer; z is towards whoever pulls, x along the bar, y up."""
    solids = Solids.empty(draw.size, SLOTS, draw.device)
    thick = torch.minimum(draw.uniform(0.004, 0.011), fits)
    deep = thick * draw.uniform(0.7, 1.5)
    long = draw.uniform(0.025, 0.08)
    gap = draw.uniform(0.022, 0.060)
    round_bar = draw.chance(0.5)
    lie = matrix_from_rotvec(torch.tensor([[0.0, torch.pi / 2, 0.0]], device=draw.device))
    lie = lie.expand(draw.size, 3, 3)
    solids.set(0, CYLINDER, (deep, thick, long), rotation=lie, where=round_bar)
    solids.set(0, BOX, (long, thick, deep), where=~round_bar)
    post = long * draw.uniform(0.75, 0.98)
    for slot, side in ((1, 1), (2, -1)):
        solids.set(slot, BOX, (0.005, thick, gap / 2), (side * post, 0.0, -gap / 2))
    front = (long + draw.uniform(0.0, 0.12), draw.uniform(0.025, 0.09), draw.uniform(0.05, 0.15))
    near_top = thick + draw.uniform(0.0, 0.02) - front[1]
    above = torch.where(draw.chance(0.6), near_top, draw.uniform(-0.02, 0.02))
    off = (draw.uniform(-0.03, 0.03), above, -gap - front[2])
    solids.set(3, BOX, front, off)
    return solids, _afford(ACROSS, [long, thick, deep], [long, thick, deep])


_BUILDERS = (_box, _can, _bar, _ball, _toy, _cup, _bottle, _basket, _handle)
