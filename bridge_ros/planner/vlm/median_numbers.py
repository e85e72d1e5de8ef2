"""Reads a number off a model's whole distribution: for tokenizers with a token for every number.

Where a model is unsure, the likeliest single number is a matter of chance among many that are
nearly as likely. The median errs least in the mean, and where it is sure the two are the same.
A number never follows a digit: JSON would read the two as one number.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from bridge_ros.errors import ConfigError

_LEAST = 100


class MedianNumbers:
    """A logits processor of transformers: where a number comes next, it is the median one.

    Args:
        tokenizer: of which some tokens are whole numbers.

    Raises:
        ConfigError: if it has no tokens for numbers of several digits.
    """

    def __init__(self, tokenizer: Any) -> None:
        numbers = whole_numbers(tokenizer, "median_numbers")
        self._tokens = torch.tensor(sorted(numbers, key=lambda token: numbers[token]))
        vocabulary = tokenizer.get_vocab().items()
        self._digits = torch.tensor([token for text, token in vocabulary if text[-1:].isdecimal()])

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores `(B, V)`; where the highest is a number's, all but those of the median -inf.

        After one of the tokens `(B, T)` that ends in a digit, all numbers' are -inf.
        """
        tokens = self._tokens.to(scores.device)
        after_digit = torch.isin(input_ids[:, -1], self._digits.to(scores.device))
        is_number = torch.isin(torch.arange(scores.shape[1], device=scores.device), tokens)
        scores = scores.masked_fill(after_digit[:, None] & is_number, -torch.inf)
        numbers = torch.isin(scores.argmax(dim=-1), tokens)
        shares = scores[:, tokens].float().softmax(dim=-1).cumsum(dim=-1)
        middle = tokens[(shares < 0.5).sum(dim=-1)]
        alone = torch.full_like(scores, -torch.inf).scatter(1, middle[:, None], 0.0)
        return torch.where(numbers[:, None], alone, scores)


def whole_numbers(tokenizer: Any, needed_by: str) -> dict[int, int]:
    """The numbers that a tokenizer has tokens for, by token.

    Args:
        needed_by: the entry of the configuration that is to blame.

    Raises:
        ConfigError: if it has none of several digits.
    """
    numbers = {
        token: int(text)
        for text, token in tokenizer.get_vocab().items()
        if text.removeprefix("-").isdecimal() and text.isascii()
    }
    if len(numbers) < _LEAST:
        raise ConfigError(
            f"{needed_by}: expected off with a tokenizer that has {len(numbers)} tokens for numbers"
        )
    return numbers
