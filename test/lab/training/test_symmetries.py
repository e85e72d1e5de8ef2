"""Mirrored and turned batches are as true as the batch itself."""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.training.contact_paths import fit_contact_paths
from bridge_ros.lab.training.finetuning_data import FinetuningData
from bridge_ros.lab.training.symmetries import reflected, vary

CONFIG = replace(ExpertConfig(), point_count=200)


@pytest.fixture(scope="module")
def batch():
    data = FinetuningData(fit_contact_paths(5, 0, period_s=0.05), CONFIG)
    return data.draw(32, torch.Generator().manual_seed(0))


def everywhere(value):
    return torch.full((32,), value)


def true_keypoints(batch):
    """Where the correction leads from the guidance's end."""
    end = batch.raw.guidance.at(-1)
    moved = (end.rotations @ batch.correction[:, :3, None])[..., 0]
    turned = end.rotations @ matrix_from_rotvec(batch.correction[:, 3:])
    return Poses(end.positions + moved, turned)


def test_half_a_turn_of_the_hand_leaves_the_world_as_it_is(batch):
    turned = reflected(batch, everywhere(False), everywhere(True))
    before, after = true_keypoints(batch), true_keypoints(turned)
    assert_close(after.positions, before.positions, atol=1e-5, rtol=0)
    assert_close(after.rotations[..., 2], before.rotations[..., 2], atol=1e-5, rtol=0)
    assert_close(after.rotations[..., 1], -before.rotations[..., 1], atol=1e-5, rtol=0)
    assert_close(turned.raw.points, batch.raw.points)


def test_a_mirrored_world_is_still_a_world_with_the_keypoint_mirrored(batch):
    mirrored = reflected(batch, everywhere(True), everywhere(False))
    mirror = torch.tensor([1.0, -1.0, 1.0])
    before, after = true_keypoints(batch), true_keypoints(mirrored)
    assert_close(after.positions, before.positions * mirror, atol=1e-5, rtol=0)
    assert_close(after.rotations[..., 2], before.rotations[..., 2] * mirror, atol=1e-5, rtol=0)
    assert_close(torch.linalg.det(after.rotations), torch.ones(32), atol=1e-4, rtol=0)
    offset = (batch.raw.points - batch.raw.guidance.positions[:, -1:]).norm(dim=-1)
    again = (mirrored.raw.points - mirrored.raw.guidance.positions[:, -1:]).norm(dim=-1)
    assert_close(again, offset, atol=1e-3, rtol=1e-5)


@pytest.mark.parametrize("which", ["mirrored", "turned"])
def test_done_twice_it_is_undone(batch, which):
    arguments = [everywhere(which == "mirrored"), everywhere(which == "turned")]
    again = reflected(reflected(batch, *arguments), *arguments)
    assert_close(again.targets.rotations, batch.targets.rotations)
    assert_close(again.correction, batch.correction)
    assert_close(again.raw.points, batch.raw.points)


def test_variations_keep_a_part_of_the_points_and_hardly_move_them(batch):
    varied = vary(batch, torch.Generator().manual_seed(1), dither_m=0.0005)
    before = (batch.raw.points[..., 0] < 100).sum(1)
    after = (varied.raw.points[..., 0] < 100).sum(1)
    assert (after <= before).all()
    rows = before > 100
    assert (after[rows] > 0.2 * before[rows]).all()
    assert after.sum() < 0.9 * before.sum()
