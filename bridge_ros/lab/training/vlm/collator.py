"""Conversations to batches: what any processor of an image-text-to-text model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from bridge_ros.demonstration import read_depth
from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.lab.training.vlm.conversations import Conversation, read_image, shift_image
from bridge_ros.lab.training.vlm.recolour import recolour, rename
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.vlm.anchor_depth import depth_at
from bridge_ros.planner.vlm.closer_look import CloserLook

IGNORED = -100
_BESIDE, _FARTHEST = 0.25, 0.8
"""How far from the middle of a closer look the anchor is, as shares of half its size."""


class ConversationCollator:
    """Makes batches in which only the replies, each to its end-of-turn token, are learnt.

    Args:
        processor: of the model.
        conversations: of which examples are numbers.
        shift_px: images are moved at random by up to so many pixels either way.
        zoom, zoom_share: of so many examples only the anchor is learnt, on a closer look.
        rename_share: of so many others only the subgoal is, where it was said, in other colours.
        anchor_error_px: of a running model, either way; in the rest it points so far off.
        recolour_share: of so many of all, drawn things change colours.
        seed: of that.
        with_anchors: batches also have `anchors` `(B, 2)`, as shares of the image's size; NaN where
            one is not known.
    """

    def __init__(
        self,
        processor: Any,
        conversations: Sequence[Conversation],
        *,
        shift_px: int,
        zoom: float = 1.0,
        zoom_share: float = 0.0,
        rename_share: float = 0.0,
        anchor_error_px: float = 0.0,
        recolour_share: float = 0.0,
        seed: int,
        with_anchors: bool = False,
    ) -> None:
        self._processor = processor
        self._conversations = conversations
        self._shift_px, self._seed = shift_px, seed
        self._zoom, self._zoom_share = zoom, zoom_share
        self._rename_share, self._anchor_error_px = rename_share, anchor_error_px
        self._recolour_share = recolour_share
        self._with_anchors = with_anchors
        self._limits = PlanLimits()

    def __call__(self, examples: list[dict[str, Any]]) -> dict[str, Tensor]:
        """A batch of examples `{"record": number, "epoch": number}`."""
        texts, images, replies, anchors = [], [], [], []
        for example in examples:
            conversation = self._conversations[example["record"]]
            # By example and not by turn, so that a run that is resumed sees the same.
            rng = np.random.default_rng([self._seed, example["record"], example["epoch"]])
            conversation, rgb = self._varied(conversation, read_image(conversation), rng)
            text, spans = self._written(conversation)
            texts.append(text)
            replies.append(spans)
            images.append(Image.fromarray(rgb))
            camera = conversation.intrinsics
            anchors.append((conversation.anchor_px + 0.5) / [camera.width, camera.height])
        batch = dict(
            self._processor(
                text=texts,
                images=[[image] for image in images],
                padding=True,
                padding_side="right",
                return_tensors="pt",
            )
        )
        batch["labels"] = self._labels(batch, texts, replies)
        if self._with_anchors:
            batch["anchors"] = torch.tensor(np.array(anchors), dtype=torch.float32)
        return batch

    def _varied(
        self, conversation: Conversation, rgb: NDArray[np.uint8], rng: np.random.Generator
    ) -> tuple[Conversation, NDArray[np.uint8]]:
        """The example moved in its image, in other colours, and some with less to learn."""
        kind = rng.random()
        looks_closer = kind < self._zoom_share
        renames = self._zoom_share <= kind < self._zoom_share + self._rename_share
        if self._anchor_error_px and not looks_closer and not renames:
            conversation = self._mispointed(conversation, rng)
        if self._shift_px:
            right, down = rng.integers(-self._shift_px, self._shift_px + 1, size=2)
            conversation = conversation.shifted(int(right), int(down))
            rgb = shift_image(rgb, int(right), int(down))
        if rng.random() < self._recolour_share:
            conversation, rgb = recolour(conversation, rgb, rng)
        if renames:
            conversation = rename(conversation, rng)
        if looks_closer:
            height, width = rgb.shape[:2]
            reach = np.array([width, height]) / self._zoom / 2
            beside = np.clip(rng.normal(0.0, _BESIDE, size=2), -_FARTHEST, _FARTHEST) * reach
            look = CloserLook.around(conversation.anchor_px + beside, (width, height), self._zoom)
            conversation, rgb = conversation.closer(look), look.picture(rgb)
        return conversation, rgb

    def _mispointed(self, conversation: Conversation, rng: np.random.Generator) -> Conversation:
        """As the conversation goes when the model points beside the anchor."""
        off = np.rint(rng.normal(0.0, self._anchor_error_px, size=2)).astype(int)
        depth_m = read_depth(conversation.depth_file)
        try:
            measured_m = depth_at(
                depth_m,
                conversation.anchor_px + off,
                min_depth_m=self._limits.min_depth_m,
                max_depth_m=self._limits.max_depth_m,
            )
        except PlanError:
            return conversation
        return conversation.mispointed(int(off[0]), int(off[1]), measured_m)

    def _written(self, conversation: Conversation) -> tuple[str, list[tuple[int, int]]]:
        """The conversation through the chat template, and where the replies are in that text."""
        messages = conversation.messages()
        write = self._processor.apply_chat_template
        whole = write(messages, tokenize=False)
        spans = []
        for i, turn in enumerate(conversation.turns):
            if turn.role != "assistant":
                continue
            before = write(messages[:i], tokenize=False, add_generation_prompt=True)
            start = len(before)
            if not whole.startswith(before) or not whole.startswith(turn.text, start):
                raise ConfigError(
                    "model: its chat template writes a reply otherwise than it asks for one; "
                    "expected a template that only appends"
                )
            first, last, _ = conversation.learnt.indices(len(turn.text))
            spans.append((start + first, start + last))
        return whole, spans

    def _labels(
        self, batch: dict[str, Tensor], texts: list[str], replies: list[list[tuple[int, int]]]
    ) -> Tensor:
        """The tokens of what is learnt and the one after each part; all others are ignored.

        Counted from the end, since an image, which stands for many tokens, comes before.
        """
        tokenizer = self._processor.tokenizer
        labels = torch.full_like(batch["input_ids"], IGNORED)
        for row, (text, spans) in enumerate(zip(texts, replies, strict=True)):
            length = int(batch["attention_mask"][row].sum())
            for start, end in spans:
                tail = tokenizer(text[start:], add_special_tokens=False)["input_ids"]
                rest = tokenizer(text[end:], add_special_tokens=False)["input_ids"]
                first, last = length - len(tail), length - len(rest)
                if batch["input_ids"][row, first:length].tolist() != tail:
                    raise ConfigError("model: its tokens run from a question into the reply")
                labels[row, first : last + 1] = batch["input_ids"][row, first : last + 1]
        return labels
