"""The networks: encoders of state, guidance and cloud, and the conditional denoiser (eq. 1-4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from bridge_ros.expert.cloud_encoder import CloudEncoder
from bridge_ros.expert.configuration import ACTION_DIM, ExpertConfig
from bridge_ros.expert.processor import STATE_DIM, Features, guidance_dim


class DenoiserBlock(nn.Module):
    """A residual MLP block, scaled and shifted by the conditioning."""

    def __init__(self, size: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size, elementwise_affine=False)
        self.modulate = nn.Linear(condition, 2 * size)
        self.widen = nn.Linear(size, size)
        self.merge = nn.Linear(size, size)
        nn.init.zeros_(self.merge.weight)
        nn.init.zeros_(self.merge.bias)

    def forward(self, hidden: Tensor, modulation: Tensor) -> Tensor:
        scale, shift = modulation.chunk(2, dim=-1)
        inner = nn.functional.mish(self.widen(self.norm(hidden) * (1.0 + scale) + shift))
        return hidden + self.merge(inner)  # type: ignore[no-any-return]


class ActionExpertNetwork(nn.Module):
    """Predicts a^0 (or the noise) of a noisy action chunk, given f^A."""

    frequencies: Tensor

    def __init__(self, config: ExpertConfig) -> None:
        super().__init__()
        self.config = config
        self.state_encoder = _mlp(STATE_DIM, 128, config.state_features)
        self.guidance_encoder = _mlp(guidance_dim(config), 256, config.guidance_features)
        known = config.state_features + config.guidance_features
        self.cloud_encoder = CloudEncoder(config, known)
        condition = known + config.point_features
        self.step_encoder = _mlp(64, 128, condition)
        chunk = config.horizon * ACTION_DIM
        self.enter = nn.Linear(chunk, config.hidden_size)
        self.blocks = nn.ModuleList(
            DenoiserBlock(config.hidden_size, condition) for _ in range(config.block_count)
        )
        self.leave = nn.Linear(config.hidden_size, chunk)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        frequencies = torch.exp(-math.log(1e4) * torch.arange(32) / 32)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def encode(self, features: Features) -> Tensor:
        """The conditioning f^A `(B, C)` (eq. 2); a masked cloud's feature is zero."""
        state = self.state_encoder(features.state)
        known = torch.cat([state, self.guidance_encoder(features.guidance)], dim=1)
        if features.points is None:
            cloud = known.new_zeros(len(known), self.config.point_features)
        else:
            seen = self.cloud_encoder(features.points, features.hand, known)
            cloud = seen * features.points_mask
        return torch.cat([known, cloud], dim=1)

    def denoise(self, noisy: Tensor, step: Tensor, condition: Tensor) -> Tensor:
        """Noisy actions `(B, H, 10)` at diffusion steps `(B,)` to the prediction, same shape."""
        return self.refine(noisy, self.modulations(step, condition))

    def modulations(self, step: Tensor, condition: Tensor) -> list[Tensor]:
        """What steps `(B,)` and conditioning `(B, C)` make of each block: `(B, 2 hidden_size)`."""
        phase = step[:, None].float() * self.frequencies
        embedded = self.step_encoder(torch.cat([phase.sin(), phase.cos()], dim=1))
        condition = nn.functional.mish(condition + embedded)
        return [cast(DenoiserBlock, block).modulate(condition) for block in self.blocks]

    def refine(self, noisy: Tensor, modulations: Sequence[Tensor]) -> Tensor:
        """`denoise`, with what does not depend on the noisy actions already done."""
        hidden = self.enter(noisy.flatten(1))
        for block, modulation in zip(self.blocks, modulations, strict=True):
            hidden = block(hidden, modulation)
        return self.leave(hidden).view_as(noisy)  # type: ignore[no-any-return]


def _mlp(size: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(size, hidden),
        nn.LayerNorm(hidden),
        nn.Mish(),
        nn.Linear(hidden, hidden),
        nn.Mish(),
        nn.Linear(hidden, out),
    )
