"""Solids that rays hit: boxes, cylinders and ellipsoids, each of which may be hollow from above.

Ray casting is analytic and batched, on any torch device: the first hit along a ray is what a depth
camera sees, so that occlusion, density and edges of a cloud are true by construction.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

NOTHING, BOX, CYLINDER, ELLIPSOID = 0, 1, 2, 3
_CHUNK_VALUES = 100_000
_EVER = 1e4
_PARALLEL = 1e-7
_GRAZING_M = 1e-4


class Solids(NamedTuple):
    """N solids in each of B scenes.

    kind: `(B, N)` of NOTHING, BOX, CYLINDER (about its z axis), ELLIPSOID.
    positions, rotations: `(B, N, 3)` [m] and `(B, N, 3, 3)`: the solids' frames.
    half: `(B, N, 3)` half extents [m] along the axes of its frame.
    wall: `(B, N)` thickness of the walls round a cavity open to +z [m]; 0 where it is solid.
    floor: `(B, N)` thickness of what is below the cavity [m]; negative for a ring without a floor.
    """

    kind: Tensor
    positions: Tensor
    rotations: Tensor
    half: Tensor
    wall: Tensor
    floor: Tensor

    @classmethod
    def empty(cls, batch: int, count: int, device: torch.device) -> Solids:
        """Room for `count` solids a scene, nothing in it yet."""
        zeros = torch.zeros(batch, count, device=device)
        eye = torch.eye(3, device=device).expand(batch, count, 3, 3).clone()
        position = torch.zeros(batch, count, 3, device=device)
        kind = torch.zeros(batch, count, dtype=torch.long, device=device)
        return cls(kind, position, eye, position + 0.01, zeros, zeros.clone())

    @classmethod
    def union(cls, *parts: Solids) -> Solids:
        """All solids of all parts."""
        return cls(*(torch.cat(fields, 1) for fields in zip(*parts, strict=True)))

    def set(
        self,
        slot: int,
        kind: int,
        half: tuple[Tensor | float, Tensor | float, Tensor | float],
        position: tuple[Tensor | float, Tensor | float, Tensor | float] = (0.0, 0.0, 0.0),
        rotation: Tensor | None = None,
        *,
        where: Tensor | None = None,
        wall: Tensor | float = 0.0,
        floor: Tensor | float = 0.0,
    ) -> None:
        """Fill one slot, in the scenes `where` `(B,)` is true."""
        mask = torch.ones_like(self.kind[:, slot], dtype=torch.bool) if where is None else where
        self.kind[:, slot] = torch.where(mask, kind, self.kind[:, slot])
        for axis in range(3):
            for field, values in ((self.half, half), (self.positions, position)):
                value = torch.as_tensor(values[axis], device=mask.device)
                field[:, slot, axis] = torch.where(mask, value, field[:, slot, axis])
        if rotation is not None:
            kept = self.rotations[:, slot]
            self.rotations[:, slot] = torch.where(mask[:, None, None], rotation, kept)
        for field, thickness in ((self.wall, wall), (self.floor, floor)):
            field[:, slot] = torch.where(
                mask, torch.as_tensor(thickness, device=mask.device), field[:, slot]
            )

    def moved(self, positions: Tensor, rotations: Tensor) -> Solids:
        """The solids, given in a frame, in what that frame's pose `(B, …)` is given in."""
        turned = rotations[:, None]
        placed = (turned @ self.positions[..., None])[..., 0] + positions[:, None]
        return self._replace(positions=placed, rotations=turned @ self.rotations)

    def only(self, mask: Tensor) -> Solids:
        """Without those for which `mask` `(B,)` or `(B, N)` is false."""
        mask = mask[:, None] if mask.dim() == 1 else mask
        return self._replace(kind=torch.where(mask, self.kind, NOTHING))


def cast(solids: Solids, origins: Tensor, directions: Tensor) -> Tensor:
    """Distances to the first hits, in lengths of the directions; infinite where nothing is hit.

    Args:
        origins: `(B, 3)`, one eye a scene, outside of all solids.
        directions: `(B, 3, T, R)`: T tiles of R neighbouring rays. A solid is only tried on tiles
            that its bounding sphere reaches.

    Returns:
        `(B, T, R)`.
    """
    batch, _, tiles, rays = directions.shape
    nearest = directions.new_full((batch * tiles, rays), torch.inf)
    by_tile = directions.permute(0, 2, 1, 3).reshape(batch * tiles, 3, rays)
    reached = _tiles_reached(solids, origins, directions.mean(-1), directions)
    scenes, slots, tile = torch.nonzero(reached, as_tuple=True)
    turn = solids.rotations.transpose(-1, -2)
    relative = (turn @ (origins[:, None] - solids.positions)[..., None])[..., 0]
    row = scenes * tiles + tile
    kinds = solids.kind[scenes, slots]
    for wanted in (BOX, CYLINDER, ELLIPSOID):
        chosen = torch.nonzero(kinds == wanted, as_tuple=True)[0]
        for pick in torch.split(chosen, max(1, _CHUNK_VALUES // rays)):
            at = scenes[pick], slots[pick]
            local = turn[at] @ by_tile[row[pick]]
            # A ray that is exactly parallel to a face would divide by zero.
            local.masked_fill_(local.abs() < _PARALLEL, _PARALLEL)
            hits = _hits(
                wanted,
                relative[at],
                local,
                solids.half[at],
                solids.wall[at],
                solids.floor[at],
            )
            nearest.scatter_reduce_(0, row[pick, None].expand_as(hits), hits, "amin")
    return nearest.view(batch, tiles, rays)


def _tiles_reached(solids: Solids, origins: Tensor, middle: Tensor, directions: Tensor) -> Tensor:
    """Which tiles `(B, N, T)` may hit a solid: those whose cone meets its bounding sphere."""
    beside = directions - middle[..., None]
    spread = (beside * beside).sum(1).amax(-1).sqrt()[:, None]
    centre = solids.positions - origins[:, None]
    radius = (solids.half * solids.half).sum(-1, keepdim=True).sqrt() + _GRAZING_M
    length = (middle * middle).sum(1)[:, None]
    along = centre @ middle / length
    aside = (centre * centre).sum(-1, keepdim=True) - along * along * length
    aside = aside.clamp(min=0.0).sqrt()
    reach = radius + (along + radius / length.sqrt()).clamp(min=0.0) * spread
    return (aside <= reach) & (solids.kind > NOTHING)[..., None]


def _hits(
    kind: int,
    origin: Tensor,
    directions: Tensor,
    half: Tensor,
    wall: Tensor,
    floor: Tensor,
) -> Tensor:
    """Distances `(P, R)` to P solids of one kind; origin and directions in the solids' frames."""
    near, far = _interval(kind, origin / half, directions / half[..., None])
    missed = (near > far) | (near <= 0.0)
    hollow = torch.nonzero(wall > 0.0, as_tuple=True)[0]
    if len(hollow) > 0:
        inner = (half[hollow] - wall[hollow, None]).clamp(min=1e-4)
        bottom = -half[hollow, 2] + floor[hollow]
        inner = torch.cat([inner[:, :2], torch.full_like(inner[:, 2:], _EVER)], 1)
        shifted = origin[hollow].clone()
        shifted[:, 2] -= bottom + _EVER
        enter, leave = _interval(kind, shifted / inner, directions[hollow] / inner[..., None])
        outer_near, outer_far = near[hollow], far[hollow]
        through = (enter < leave) & (enter <= outer_near) & (outer_near < leave)
        near[hollow] = torch.where(through, leave, outer_near)
        missed[hollow] |= through & (leave >= outer_far)
    return near.masked_fill_(missed, torch.inf)


def _interval(kind: int, origin: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Where rays enter and leave unit solids; enters after it leaves where it misses.

    Args:
        origin: `(P, 3)`. directions: `(P, 3, R)`.
    """
    if kind == BOX:
        inverse = directions.reciprocal()
        middle = -origin[..., None] * inverse
        reach = inverse.abs_()
        return (middle - reach).amax(1), (middle + reach).amin(1)
    axes = 2 if kind == CYLINDER else 3
    across = directions[:, :axes]
    a = (across * across).sum(1)
    b = (across * origin[:, :axes, None]).sum(1)
    c = (origin[:, :axes] ** 2).sum(1, keepdim=True) - 1.0
    root = (b * b - a * c).sqrt_()  # NaN where the ray misses: no comparison with it is true
    near, far = (-b - root) / a, (-b + root) / a
    if kind == CYLINDER:
        inverse = directions[:, 2].reciprocal()
        middle, reach = -origin[:, 2:] * inverse, inverse.abs()
        near, far = torch.maximum(near, middle - reach), torch.minimum(far, middle + reach)
    missed = root.isnan()
    return near.masked_fill_(missed, torch.inf), far.masked_fill_(missed, -torch.inf)
