"""Teaches a small model where to look: at the anchor, when it is about to write it.

From the words alone a model that is trained from scratch must find out by chance that a number
follows from one of hundreds of patches. Told which patch, it learns to tell things apart first.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_SPREAD = 0.6
_LEAST = 1e-6


class LookLoss:
    """The loss of one layer's attention, of a model that sees an image as a square of patches.

    Args:
        config: of the model.
    """

    def __init__(self, config: Any) -> None:
        self._image_token = config.image_token_index
        self._side = config.vision_config.image_size // config.vision_config.patch_size
        self._layer = config.text_config.num_hidden_layers // 2

    def __call__(
        self, attentions: tuple[Tensor, ...], tokens: Tensor, writes: Tensor, anchors: Tensor
    ) -> Tensor:
        """Cross entropy between the patches that are looked at and a bell around the anchor.

        Args:
            attentions: of every layer `(B, heads, T, T)`.
            tokens: `(B, T)`.
            writes: `(B, 2)` places of the tokens that are followed by the anchor's coordinates.
            anchors: `(B, 2)` as shares of the image's width and height.
        """
        seen = attentions[self._layer].float().mean(dim=1)
        rows = torch.arange(len(tokens), device=tokens.device)
        image = (tokens == self._image_token).nonzero()[:, 1].view(len(tokens), 1, self._side**2)
        looks = seen[rows[:, None], writes].gather(2, image.expand(-1, 2, -1))
        wanted = self._bells(anchors)[:, None]
        return torch.sum(-wanted * looks.clamp(min=_LEAST).log(), dim=-1).mean()

    def _bells(self, anchors: Tensor) -> Tensor:
        """How much each patch `(B, side * side)` is to be looked at."""
        centres = torch.arange(self._side, device=anchors.device) + 0.5
        off = (centres - anchors[..., None] * self._side) / _SPREAD
        across, down = torch.exp(-0.5 * off**2).unbind(dim=1)
        bells = (down[:, :, None] * across[:, None, :]).flatten(1) + 1e-9
        total: Tensor = bells.sum(dim=1, keepdim=True)
        return bells / total
