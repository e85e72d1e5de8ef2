"""Numbers are read off the whole distribution, words off its peak."""

import pytest
import torch

from bridge_ros.planner.vlm.median_numbers import MedianNumbers, whole_numbers
from bridge_ros.settings.resources import resource_path

transformers = pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def tokenizer():
    return transformers.AutoTokenizer.from_pretrained(resource_path("models/planner_small"))


def scores_of(tokenizer, shares):
    scores = torch.full((1, len(tokenizer)), -torch.inf)
    for text, share in shares.items():
        (token,) = tokenizer(text, add_special_tokens=False)["input_ids"]
        scores[0, token] = torch.tensor(share).log()
    return scores


@pytest.mark.parametrize(
    ("shares", "read"),
    [
        ({"300": 0.3, "310": 0.25, "320": 0.25, "330": 0.2}, "310"),
        ({"-40": 0.4, "-7": 0.3, "12": 0.3}, "-7"),
        ({"100": 0.9, "900": 0.1}, "100"),
        ({"100": 0.4, "101": 0.2, "null": 0.3}, "100"),
        ({"close": 0.6, "100": 0.4}, "close"),
    ],
    ids=["flat", "below zero", "sure", "words beside", "a word"],
)
def test_a_number_is_the_median_one_and_a_word_the_likeliest(tokenizer, shares, read):
    scores = scores_of(tokenizer, shares)
    best = MedianNumbers(tokenizer)(torch.zeros((1, 1), dtype=torch.long), scores).argmax()
    assert tokenizer.decode(best) == read


def test_each_of_a_batch_is_read_by_itself(tokenizer):
    scores = torch.cat(
        [
            scores_of(tokenizer, {"5": 0.6, "900": 0.4, "close": 0.5}),
            scores_of(tokenizer, {"5": 0.4, "900": 0.3, "close": 0.5}),
        ]
    )
    best = MedianNumbers(tokenizer)(torch.zeros((2, 1), dtype=torch.long), scores).argmax(dim=1)
    assert [tokenizer.decode(token) for token in best] == ["5", "close"]


@pytest.mark.parametrize("digits", ["54", " 3"])
def test_after_digits_no_number_comes_for_both_would_be_read_as_one(tokenizer, digits):
    (before,) = tokenizer(digits, add_special_tokens=False)["input_ids"]
    scores = scores_of(tokenizer, {"8": 0.6, ", ": 0.4}).repeat(2, 1)
    said = torch.tensor([[before], [0]])
    best = MedianNumbers(tokenizer)(said, scores).argmax(dim=1)
    assert [tokenizer.decode(token) for token in best] == [", ", "8"]


def test_every_number_of_a_coordinate_has_a_token(tokenizer):
    assert set(range(-400, 1700)) <= set(whole_numbers(tokenizer, "median_numbers").values())
