"""Rendered contacts: the simulator's own scenes, in the terms of training."""

import pytest
import torch

from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.lab.training.rendered_contacts import render_contacts

CONFIG = ExpertConfig()


@pytest.fixture(scope="module")
def samples():
    return render_contacts(CONFIG, 1)


def test_a_scene_gives_grasps_and_placements(samples):
    assert set(samples.group) == {"grasp", "place"}
    assert samples.raw.points.shape == (len(samples.group), CONFIG.point_count, 3)


def test_the_true_keypoint_of_a_grasp_lies_in_what_is_seen_of_the_object(samples):
    end = samples.raw.guidance.at(-1)
    true = end.positions + (end.rotations @ samples.correction[:, :3, None])[..., 0]
    for row, group in enumerate(samples.group):
        if group == "grasp":
            off = (samples.raw.points[row] - true[row]).norm(dim=-1)
            assert int((off < 0.035).sum()) > 10


def test_the_simulated_hand_is_seen_where_the_observation_has_it(samples):
    ee = samples.raw.ee
    local = (samples.raw.points - ee.positions[:, None]) @ ee.rotations
    beside = (local[..., 2].abs() < 0.03) & (local[..., 0].abs() < 0.015)
    fingers = beside & (local[..., 1].abs() < 0.08)
    assert int(fingers.sum()) > 0
    assert torch.isfinite(local).all()
