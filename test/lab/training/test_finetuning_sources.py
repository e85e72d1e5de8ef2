"""What is trained on is never tested on, and neither is a scene that figures are reported for."""

import pytest
import torch

from bridge_ros.expert.checkpoint import save_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.lab.scenes.random_draws import stream
from bridge_ros.lab.training.finetune_settings import FinetuneSettings
from bridge_ros.lab.training.finetuning_sources import (
    HELD_OUT,
    TRAINING,
    held_out_interactions,
    motions,
    seeing_config,
    training_interactions,
)
from bridge_ros.lab.training.rendered_contacts import FIRST_SEED

REPORTED = {*range(100), *range(9000, 10_000)}
"""Seeds of the simulated episodes that figures are reported for."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    small = ExpertConfig(hidden_size=16, block_count=1, grid_channels=(4, 4, 4))
    save_checkpoint(folder, ActionExpertNetwork(small))
    return FinetuneSettings(start=str(folder), contact_paths=5, trajectories=3, rays=32)


def test_a_blind_start_gets_its_eyes(settings):
    assert seeing_config(settings).sees_points


def test_training_and_held_out_data_come_from_streams_that_never_meet(settings):
    seeds = [settings.seed, *range(1, 50)]
    training = {stream(stream(seed, TRAINING), n) for seed in seeds for n in range(200)}
    held_out = {stream(seed, HELD_OUT, n) for seed in seeds for n in range(200)}
    assert not training & held_out
    assert not (training | held_out) & REPORTED


def test_training_and_held_out_contacts_are_different_ones(settings):
    generator = torch.Generator()
    train, test = training_interactions(settings), held_out_interactions(settings)
    one = train.draw(16, generator.manual_seed(stream(stream(settings.seed, TRAINING), 0)))
    other = test.draw(16, generator.manual_seed(stream(settings.seed, HELD_OUT, 2)))
    distance = (one.raw.ee.positions[:, None] - other.raw.ee.positions[None]).norm(dim=-1)
    assert float(distance.min()) > 0.0


def test_rendered_tests_stay_off_the_seeds_of_reported_episodes():
    assert not {FIRST_SEED + n for n in range(1000)} & REPORTED


def test_clean_goals_have_clean_keypoints(settings):
    from dataclasses import replace

    clean = training_interactions(replace(settings, goal_noise_scale=0.0))
    batch = clean.draw(64, torch.Generator().manual_seed(0))
    # A gripper that has closed beside the middle has pushed a thing or two aside.
    assert float(batch.correction[:, :3].norm(dim=1).quantile(0.9)) < 0.002


def test_no_motions_are_sampled_where_none_are_wanted(settings):
    from dataclasses import replace

    device = torch.device("cpu")
    assert motions(replace(settings, motion_batch_size=0), device=device) is None
    batch = motions(settings, device=device).draw(8, torch.Generator().manual_seed(0))
    assert float(batch.raw.points_mask.sum()) == 0.0
