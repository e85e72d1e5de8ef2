"""Teaches a small model where to look: at the anchor, when it is about to name and to write it.

From the words alone a model that is trained from scratch must find out by chance that a word or a
number follows from one of hundreds of patches. Told which patch, it learns to tell things apart.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from bridge_ros.errors import ConfigError

_ATTENTION = "sdpa_that_tells_where_it_looks"
_SPREAD = 0.6
_LEAST = 1e-6


class LookLoss:
    """The loss of one layer's attention, of a model that sees an image as a square of patches.

    Makes the model's attention tell where it looks. To be called after a forward pass that `watch`
    announced.

    Raises:
        ConfigError: for a model of another make.
    """

    def __init__(self, model: Any) -> None:
        config = model.config
        if config.model_type != "llava" or config.text_config.model_type != "llama":
            raise ConfigError(
                "look_weight: expected 0 with a model that is no LLaVA on a Llama, "
                f"got {config.model_type}"
            )
        self._image_token = config.image_token_index
        self._side = config.vision_config.image_size // config.vision_config.patch_size
        self._layer = config.text_config.num_hidden_layers // 2
        self._writes: Tensor | None = None
        self._counts: Tensor | None = None
        self._looks: Tensor | None = None
        AttentionInterface.register(_ATTENTION, self._attend)
        AttentionMaskInterface.register(_ATTENTION, sdpa_mask)
        model.set_attn_implementation({"text_config": _ATTENTION})

    def watch(self, written: Tensor) -> None:
        """Remember in the next forward pass where it looks before it writes tokens `(B, T)`."""
        writes = functional.pad(written[:, 1:], (0, 1))
        most = max(int(writes.sum(dim=1).max()), 1)
        self._counts, self._writes = writes.int().topk(most, dim=1)

    def __call__(self, tokens: Tensor, anchors: Tensor) -> Tensor:
        """Cross entropy between the patches that were looked at and a bell around the anchor.

        Args:
            tokens: `(B, T)`.
            anchors: `(B, 2)` as shares of the image's width and height; NaN: look anywhere.
        """
        assert self._looks is not None and self._counts is not None
        seen, self._looks = self._looks, None
        image = (tokens == self._image_token).nonzero()[:, 1].view(len(tokens), 1, self._side**2)
        looks = seen.gather(2, image.expand(-1, seen.shape[1], -1))
        wanted = self._gaussians(anchors.nan_to_num(0.5))[:, None]
        losses = torch.sum(-wanted * looks.clamp(min=_LEAST).log(), dim=-1)
        counts = self._counts * anchors.isfinite().all(dim=1, keepdim=True)
        return (losses * counts).sum() / counts.sum().clamp(min=1)

    def _attend(
        self, module: Any, query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any
    ) -> tuple[Tensor, None]:
        if self._writes is not None and module.layer_idx == self._layer:
            self._looks = _looks(query, key, self._writes, options["scaling"])
            self._writes = None
        return sdpa_attention_forward(module, query, key, value, *rest, **options)

    def _gaussians(self, anchors: Tensor) -> Tensor:
        """How much each patch `(B, side * side)` is to be looked at."""
        centres = torch.arange(self._side, device=anchors.device) + 0.5
        off = (centres - anchors[..., None] * self._side) / _SPREAD
        across, down = torch.exp(-0.5 * off**2).unbind(dim=1)
        gaussians = (down[:, :, None] * across[:, None, :]).flatten(1) + 1e-9
        total: Tensor = gaussians.sum(dim=1, keepdim=True)
        return gaussians / total


def _looks(query: Tensor, key: Tensor, writes: Tensor, scaling: float) -> Tensor:
    """Attention `(B, N, T)` of the tokens at `writes` `(B, N)`, the mean over all heads.

    Args:
        query, key: `(B, heads, T, width)`, as many heads of either.
    """
    rows = writes[:, None, :, None].expand(-1, query.shape[1], -1, query.shape[3])
    scores = (query.gather(2, rows) @ key.transpose(2, 3)).float() * scaling
    later = torch.arange(key.shape[2], device=key.device) > writes[:, None, :, None]
    return scores.masked_fill(later, -torch.inf).softmax(dim=-1).mean(dim=1)
