"""Variations of a batch that are as true as the batch: mirrored, turned half about, thinned out."""

from __future__ import annotations

import torch
from torch import Tensor

from bridge_ros.expert.cloud_crop import ABSENT
from bridge_ros.expert.processor import Poses
from bridge_ros.lab.training.finetuning_data import InteractionBatch

_FEWEST_SHARE = 0.35


def vary(
    batch: InteractionBatch, generator: torch.Generator, *, dither_m: float
) -> InteractionBatch:
    """A batch whose samples are, at random, mirrored, turned half about, and have fewer points.

    Args:
        dither_m: what points are moved by at most along each axis: the steps they were stored in.
    """
    points, device = batch.raw.points, batch.weight.device
    assert points is not None
    size, count = points.shape[:2]

    def uniform(*shape: int) -> Tensor:
        return torch.rand(size, *shape, generator=generator, device=device)

    keep = _FEWEST_SHARE + (1.0 - _FEWEST_SHARE) * uniform(1)
    moved = points + (2.0 * uniform(count, 3) - 1.0) * dither_m
    points = torch.where((uniform(count) < keep)[..., None], moved, ABSENT)
    batch = batch._replace(raw=batch.raw._replace(points=points))
    return reflected(batch, uniform() < 0.5, uniform() < 0.5)


def reflected(batch: InteractionBatch, mirrored: Tensor, turned: Tensor) -> InteractionBatch:
    """The batch with some samples `(B,)` mirrored, and some hands `(B,)` turned half about.

    A parallel gripper looks the same from both sides and does the same either way round: the
    world is mirrored across x and z, and the hand's frame across its own x and z with it; half a
    turn about the hand's z only renames its fingers.
    """
    one = torch.ones_like(batch.weight)
    flip = torch.where(mirrored, -one, one)
    about = torch.where(turned, -one, one)
    world = torch.stack([one, flip, one], -1)
    hand = torch.stack([about, about * flip, one], -1)

    def poses(value: Poses) -> Poses:
        w, h = (world, hand) if value.positions.dim() == 2 else (world[:, None], hand[:, None])
        return Poses(value.positions * w, w[..., :, None] * value.rotations * h[..., None, :])

    raw = batch.raw
    assert raw.points is not None
    moved, spun = batch.correction[:, :3], batch.correction[:, 3:]
    return batch._replace(
        raw=raw._replace(
            ee=poses(raw.ee), guidance=poses(raw.guidance), points=raw.points * world[:, None]
        ),
        targets=poses(batch.targets),
        correction=torch.cat([moved * hand, spun * hand * flip[:, None]], 1),
    )
