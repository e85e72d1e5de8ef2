"""A small image-text-to-text model of stock architecture, to be trained from scratch.

LLaVA: a SigLIP vision tower, a projector, and a Llama. Nothing in it is special but where its
weights begin, which is worth much data: patches see their low spatial frequencies first; numbers
are embedded as waves, so that near ones are alike, and the places of patches as the waves of their
pixel coordinates; and one layer passes on what it looks at, so that a look is nearly a coordinate.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.conversations import Conversation
from bridge_ros.lab.training.vlm.small_tokenizer import IMAGE, NUMBERS, make_tokenizer
from bridge_ros.planner.vlm.median_numbers import whole_numbers
from bridge_ros.planner.vlm.prompts import Prompts

_CONTEXT = 1024
_COARSE_PERIODS, _FINE_PERIODS = (64.0, 3000.0), (4.0, 64.0)
_EMBEDDING_STD = 0.5
_PROJECTED_SCALE = 0.25
_BEYOND_THE_BEND = 3.0
"""Where a GELU is a straight line."""


@dataclass(frozen=True, kw_only=True)
class SmallModelSettings:
    """Sizes of the model.

    Attributes:
        image_px, patch_px: side of the square that an image becomes, and of its patches.
        camera_px: width and height of the images that it is to see.
        width: of all layers. vision_layers, text_layers: so many.
        heads: of attention.
    """

    image_px: int = 256
    patch_px: int = 16
    camera_px: tuple[int, int] = (640, 480)
    width: int = 192
    vision_layers: int = 3
    text_layers: int = 4
    heads: int = 6

    def __post_init__(self) -> None:
        if self.image_px % self.patch_px or self.width % (4 * self.heads):
            raise ConfigError(
                "small model: expected an image of whole patches and a width of which four times "
                f"the heads is a divisor, got {self}"
            )


def make_small_model(
    folder: Path,
    conversations: Sequence[Conversation],
    prompts: Prompts,
    settings: SmallModelSettings | None = None,
    *,
    seed: int = 0,
) -> None:
    """Write an untrained model and its processor, its tokenizer trained on the conversations."""
    t: Any = importlib.import_module("transformers")
    s = settings or SmallModelSettings()
    words = make_tokenizer(conversations, prompts)
    vision = t.SiglipVisionConfig(
        hidden_size=s.width,
        intermediate_size=3 * s.width,
        num_hidden_layers=s.vision_layers,
        num_attention_heads=s.heads,
        image_size=s.image_px,
        patch_size=s.patch_px,
        vision_use_head=False,
        hidden_act="gelu",
    )
    text = t.LlamaConfig(
        vocab_size=len(words),
        hidden_size=s.width,
        intermediate_size=3 * s.width,
        num_hidden_layers=s.text_layers,
        num_attention_heads=s.heads,
        num_key_value_heads=s.heads,
        max_position_embeddings=_CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    config = t.LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_index=words.convert_tokens_to_ids(IMAGE),
        image_seq_length=(s.image_px // s.patch_px) ** 2,
        vision_feature_layer=-1,
        vision_feature_select_strategy="full",
        tie_word_embeddings=True,
        image_coordinates="original",
    )
    side = {"height": s.image_px, "width": s.image_px}
    processor = t.LlavaProcessor(
        t.SiglipImageProcessor(size=side, do_convert_rgb=True),
        words,
        patch_size=s.patch_px,
        vision_feature_select_strategy="full",
        num_additional_image_tokens=0,
        image_token=IMAGE,
        chat_template=words.chat_template,
    )
    torch.manual_seed(seed)
    model = t.LlavaForConditionalGeneration(config)
    with torch.no_grad():
        _begin_well(model, words, s)
    model.generation_config.eos_token_id = words.eos_token_id
    model.generation_config.pad_token_id = words.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)


def forget_numbers(model: Any, words: Any, *, seed: int = 0) -> None:
    """Turn the embeddings of all whole numbers together, at random.

    What is left knows words and things, and which numbers are near each other, and has never
    written a coordinate: what a large model is before its fine-tuning (section 4.5.1 begins with
    one).

    Raises:
        ConfigError: if the tokenizer has no tokens for numbers of several digits.
    """
    tokens = torch.tensor(sorted(whole_numbers(words, "fresh_numbers")))
    embeddings = model.get_input_embeddings().weight
    width = embeddings.shape[1]
    turn, _ = torch.linalg.qr(
        torch.randn(width, width, generator=torch.Generator().manual_seed(seed))
    )
    with torch.no_grad():
        embeddings[tokens] = embeddings[tokens] @ turn


def _begin_well(model: Any, words: Any, s: SmallModelSettings) -> None:
    tower = model.model.vision_tower
    tower = getattr(tower, "vision_model", tower)
    patches = tower.embeddings.patch_embedding
    patches.weight.copy_(_cosine_filters(s.width, s.patch_px))
    patches.bias.zero_()
    third = s.width // 6 * 2
    rest = s.width - 2 * third
    side = s.image_px // s.patch_px
    centres = (torch.arange(side) + 0.5) / side
    v, u = torch.meshgrid(*(centres * size for size in s.camera_px[::-1]), indexing="ij")
    places = [_waves(axis.flatten(), third, _COARSE_PERIODS) for axis in (v, u)]
    tower.embeddings.position_embedding.weight.copy_(
        torch.cat([*places, torch.zeros(side * side, rest)], dim=1)
    )
    _pass_on(model, s)
    embeddings = model.get_input_embeddings().weight
    embeddings.normal_(0.0, _EMBEDDING_STD / np.sqrt(s.width))
    tokens = torch.tensor(words.convert_tokens_to_ids([str(number) for number in NUMBERS]))
    numbers = torch.tensor(list(NUMBERS), dtype=torch.float32)
    coarse = _waves(numbers, third, _COARSE_PERIODS)
    fine = _waves(numbers, rest, _FINE_PERIODS)
    waves = torch.cat([coarse, coarse, fine], dim=1)
    embeddings[tokens] = waves * (_EMBEDDING_STD * np.sqrt(2.0 / s.width))


def _pass_on(model: Any, s: SmallModelSettings) -> None:
    """Let the projector, and the attention of the layer that `LookLoss` teaches, change nothing."""
    same = torch.eye(s.width)
    projector = model.model.multi_modal_projector
    projector.linear_1.weight.add_(same)
    projector.linear_1.bias.fill_(_BEYOND_THE_BEND)
    projector.linear_2.weight.add_(_PROJECTED_SCALE * same)
    projector.linear_2.bias.fill_(-_PROJECTED_SCALE * _BEYOND_THE_BEND)
    attention = model.model.language_model.layers[s.text_layers // 2].self_attn
    attention.v_proj.weight.add_(same)
    attention.o_proj.weight.add_(same)


def _cosine_filters(count: int, side: int) -> Tensor:
    """Filters `(count, 3, side, side)`: products of cosines, the lowest frequencies first."""
    k = torch.arange(side, dtype=torch.float32)
    basis = torch.cos(torch.pi / side * (k[None] + 0.5) * k[:, None]) * np.sqrt(2.0 / side)
    basis[0] /= np.sqrt(2.0)
    order = sorted((i + j, i, j) for i in range(side) for j in range(side))
    filters = torch.zeros(count, 3, side, side)
    for index in range(count):
        total, i, j = order[index // 3]
        # Natural images have less in higher frequencies: about as much in all of them after this.
        scale = (1.0 + total) / side
        filters[index, index % 3] = scale * torch.outer(basis[i], basis[j])
    return filters


def _waves(places: Tensor, width: int, periods: tuple[float, float]) -> Tensor:
    """Sines and cosines `(N, width)` of places `(N,)`, their periods spread evenly in octaves."""
    lengths = torch.logspace(np.log10(periods[0]), np.log10(periods[1]), width // 2)
    angles = 2.0 * torch.pi * places[:, None] / lengths
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)
