from types import SimpleNamespace

import pytest
import torch

from bridge_ros.training.vlm.look_loss import LookLoss

IMAGE, SIDE = 7, 4
CONFIG = SimpleNamespace(
    image_token_index=IMAGE,
    vision_config=SimpleNamespace(image_size=64, patch_size=16),
    text_config=SimpleNamespace(num_hidden_layers=2),
)
TOKENS = torch.tensor([[1, *[IMAGE] * SIDE**2, 2, 3, 4]])
WRITES = torch.tensor([[17, 19]])


def loss_when_looking_at(row, column, anchor):
    looks = torch.full((1, 2, 20, 20), 0.01)
    looks[..., 1 + row * SIDE + column] = 0.8
    nowhere = torch.full((1, 2, 20, 20), 0.05)
    return float(LookLoss(CONFIG)((nowhere, looks), TOKENS, WRITES, torch.tensor([anchor])))


def test_a_look_at_the_anchor_costs_least():
    anchor = (0.625, 0.375)  # the middle of the third patch of the second row
    right = loss_when_looking_at(1, 2, anchor)
    assert right < loss_when_looking_at(1, 1, anchor) - 0.5
    assert right < loss_when_looking_at(2, 1, anchor) - 0.5


def test_an_anchor_between_patches_is_as_near_to_either():
    anchor = (0.5, 0.375)
    one, other = (loss_when_looking_at(1, column, anchor) for column in (1, 2))
    assert one == pytest.approx(other)
    assert one < loss_when_looking_at(1, 0, anchor) - 0.5
