"""Cross entropy that knows numbers: for tokenizers with a token for every whole number.

The label of such a token is spread over its neighbours like a bell, so that 301 in place of 300 is
a small mistake and not the same one as 17. What is most likely stays what was written.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from bridge_ros.lab.training.vlm.collator import IGNORED
from bridge_ros.planner.vlm.median_numbers import whole_numbers


class NumberLoss:
    """The loss of a batch's logits.

    Args:
        tokenizer: of which some tokens are whole numbers.
        spread: standard deviation of the bell, in units of the numbers.
        word_weight: of what is no number. Of a reply's words few are open, and one names the thing.

    Raises:
        ConfigError: if it has no tokens for numbers of several digits.
    """

    def __init__(self, tokenizer: Any, spread: float, word_weight: float = 1.0) -> None:
        values = whole_numbers(tokenizer, "number_spread")
        self._word_weight = word_weight
        tokens = sorted(values, key=lambda index: values[index])
        numbers = torch.tensor([values[index] for index in tokens], dtype=torch.float32)
        self._tokens = torch.tensor(tokens)
        self._place = torch.full((len(tokenizer),), -1)
        self._place[self._tokens] = torch.arange(len(tokens))
        gaussians = torch.exp(-0.5 * ((numbers[:, None] - numbers) / spread) ** 2)
        self._gaussians = gaussians / gaussians.sum(dim=1, keepdim=True)

    def up_to_anchor(self, labels: Tensor) -> Tensor:
        """Marks `(B, T)` what is learnt of first replies, up to the last number: their anchor's."""
        counts = labels != IGNORED
        in_first = counts & (_begins(counts).cumsum(dim=1) == 1)
        is_number = in_first & (self._place.to(labels.device)[labels.clamp(min=0)] >= 0)
        places = torch.arange(labels.shape[1], device=labels.device)
        last = (places * is_number).amax(dim=1, keepdim=True)
        return in_first & (places <= last)

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean over all replies, of each the mean over its labels.

        Where to look and where to go count the same so, though the latter takes more words.

        Args:
            logits: `(B, T, V)`; those at t are for the token at t + 1.
            labels: `(B, T)`, -100 where nothing is to be learnt.
        """
        counts = labels[:, 1:] != IGNORED
        reply = _begins(counts).flatten().cumsum(0)[counts.flatten()] - 1
        length = torch.bincount(reply)
        weight = 1.0 / length[reply]
        wanted = labels[:, 1:][counts]
        logs = functional.log_softmax(logits[:, :-1][counts].float(), dim=-1)
        place = self._place.to(wanted.device)[wanted]
        exact = -logs.gather(1, wanted[:, None])[:, 0]
        is_number = place >= 0
        gaussians = self._gaussians.to(logs.device)[place[is_number]]
        spread = -(gaussians * logs[is_number][:, self._tokens.to(logs.device)]).sum(dim=1)
        words = (exact[~is_number] * weight[~is_number]).sum()
        losses = self._word_weight * words + (spread * weight[is_number]).sum()
        return losses / max(len(length), 1)


def _begins(counts: Tensor) -> Tensor:
    """Where replies begin: marks `(B, T)` that have none before them."""
    return counts & ~functional.pad(counts, (1, 0))[:, :-1]
