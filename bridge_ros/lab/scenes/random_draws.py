"""Random numbers for a batch of scenes: one generator, one row a scene."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor


class RandomDraws:
    """Draws `(B, …)` values; everything random of a batch comes from one generator, in order."""

    def __init__(self, size: int, generator: torch.Generator) -> None:
        self.size = size
        self.generator = generator
        self.device = generator.device

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """`(B, *shape)` uniform values."""
        values = torch.rand(self.size, *shape, generator=self.generator, device=self.device)
        return low + (high - low) * values

    def log_uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """`(B, *shape)` values whose logarithm is uniform: small ones as often as large ones."""
        return self.uniform(math.log(low), math.log(high), *shape).exp()

    def normal(self, *shape: int) -> Tensor:
        """`(B, *shape)` standard normal values."""
        return torch.randn(self.size, *shape, generator=self.generator, device=self.device)

    def chance(self, probability: float, *shape: int) -> Tensor:
        """`(B, *shape)` booleans, true with that probability."""
        return self.uniform(0.0, 1.0, *shape) < probability

    def choice(self, weights: Sequence[float], *shape: int) -> Tensor:
        """`(B, *shape)` indices into `weights`, drawn in proportion to them."""
        table = torch.tensor(weights, device=self.device).cumsum(0)
        values = self.uniform(0.0, float(table[-1]), *shape)
        return torch.bucketize(values, table, right=True).clamp(max=len(weights) - 1)

    def sign(self, *shape: int) -> Tensor:
        """`(B, *shape)` values of -1 or 1."""
        return torch.where(self.chance(0.5, *shape), 1.0, -1.0)


def stream(seed: int, *path: int) -> int:
    """A seed of its own for every path of numbers below a seed: epoch, worker, shard, batch."""
    return int(np.random.SeedSequence([seed, *path]).generate_state(1, np.uint64)[0] >> 1)
