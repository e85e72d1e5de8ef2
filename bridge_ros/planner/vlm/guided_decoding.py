"""Holds a model that runs here to a JSON schema: of every token, only those that keep to it count.

The grammar is llguidance's; this is what ties it to `generate` of transformers.
"""

from __future__ import annotations

import importlib
import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.planner.vlm.reply_json import shorten

_ON_ONE_LINE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class GuidedDecoding:
    """Makes logits processors for the schemas of replies.

    Args:
        tokenizer: a fast one.

    Raises:
        ConfigError: if llguidance is missing, or cannot use the tokenizer; says what to do.
    """

    def __init__(self, tokenizer: Any) -> None:
        try:
            self._library: Any = importlib.import_module("llguidance")
            wrap = importlib.import_module("llguidance.hf").from_tokenizer
        except ImportError as error:
            raise ConfigError(
                "transformers.guided needs llguidance, a part of the extra `vlm`; or set it to "
                "false"
            ) from error
        try:
            self._tokenizer = wrap(tokenizer)
        except Exception as error:
            # Slow tokenizers, and whatever its Rust cannot read.
            raise ConfigError(
                "transformers.guided: expected false with this model's tokenizer: "
                f"{shorten(str(error), 200)}"
            ) from error

    def hold(self, schema: dict[str, Any], asked: int) -> HeldToSchema:
        """What holds one reply to its schema.

        Args:
            asked: so many tokens come before the reply.
        """
        grammar = self._library.LLMatcher.grammar_from_json_schema(
            json.dumps(schema | {"x-guidance": _ON_ONE_LINE})
        )
        matcher = self._library.LLMatcher(self._tokenizer, grammar)
        return HeldToSchema(matcher, asked, self._tokenizer.eos_token)


class HeldToSchema:
    """A logits processor of transformers, for one reply of one sequence."""

    def __init__(self, matcher: Any, asked: int, end: int) -> None:
        self._matcher, self._read, self._end = matcher, asked, end

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores `(1, V)`, those of what may not come after the tokens `(1, T)` made -inf.

        After its last brace a reply has nothing but its end.
        """
        said = input_ids[0, self._read :].tolist()
        self._read = input_ids.shape[1]
        if said:
            self._matcher.consume_tokens(said)
        held = torch.full_like(scores, -torch.inf)
        if self._matcher.is_stopped() or self._matcher.is_error():
            held[:, self._end] = 0.0
            return held
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = torch.from_numpy(np.unpackbits(bits, bitorder="little").astype(bool))
        count = min(len(allowed), scores.shape[1])
        kept = allowed[:count].to(scores.device)
        held[:, :count][:, kept] = scores[:, :count][:, kept]
        return held
