"""Shards of interactions: resumable, the same for the same seed, and read back as they were."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from bridge_ros.commands.train import STAGES
from bridge_ros.errors import ConfigError
from bridge_ros.expert.checkpoint import load_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.lab.training.contact_paths import fit_contact_paths
from bridge_ros.lab.training.finetuning_data import FinetuningData
from bridge_ros.lab.training.interaction_shards import (
    from_arrays,
    read_shards,
    to_arrays,
    write_shards,
)
from bridge_ros.settings.resources import resource_path

SHIPPED = "models/action_expert"
CONFIG = replace(ExpertConfig(), point_count=32)


@pytest.fixture(scope="module")
def data():
    return FinetuningData(fit_contact_paths(5, 0, period_s=0.05), CONFIG)


@pytest.fixture
def folder(data, tmp_path):
    write_shards(data, tmp_path, count=3, size=4, seed=1)
    return tmp_path


def test_only_missing_shards_are_drawn_again_and_they_are_the_same(data, folder):
    shard = folder / "shard-00001.npz"
    before = shard.read_bytes()
    shard.unlink()
    assert write_shards(data, folder, count=3, size=4, seed=1) == 1
    assert shard.read_bytes() == before


def test_a_batch_survives_the_way_to_disk_and_back(data):
    batch = data.draw(4, torch.Generator().manual_seed(0))
    again = from_arrays(to_arrays(batch, CONFIG.crop_radius_m), CONFIG.crop_radius_m)
    seen = batch.raw.points_mask[:, 0] > 0
    assert torch.allclose(batch.raw.points[seen], again.raw.points[seen], atol=1e-3)
    assert torch.equal(batch.targets.rotations, again.targets.rotations)
    assert torch.equal(batch.correction, again.correction)


def test_every_epoch_reads_every_shard_once_in_another_order(folder):
    reader = read_shards(folder, CONFIG, seed=0)
    epochs = [[float(next(reader).raw.ee.positions.sum()) for _ in range(3)] for _ in range(6)]
    assert all(sorted(epoch) == sorted(epochs[0]) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_reading_can_go_on_in_the_middle(folder):
    reader = read_shards(folder, CONFIG, seed=0)
    for _ in range(4):
        next(reader)
    resumed = read_shards(folder, CONFIG, seed=0, first=4)
    assert torch.equal(next(reader).raw.width, next(resumed).raw.width)


def test_two_processes_read_different_batches_and_together_all(folder):
    whole = read_shards(folder, CONFIG, seed=0)
    together = [float(next(whole).raw.width.sum()) for _ in range(6)]
    parts = [read_shards(folder, CONFIG, seed=0, first=rank, stride=2) for rank in range(2)]
    alternating = [float(next(part).raw.width.sum()) for _ in range(3) for part in parts]
    assert alternating == together


def test_shards_that_are_added_while_reading_are_found(data, folder):
    reader = read_shards(folder, CONFIG, seed=0)
    for _ in range(100):
        next(reader)
    write_shards(data, folder, first=3, count=1, size=4, seed=1)
    again = read_shards(folder, CONFIG, seed=0)
    known = {float(next(again).raw.width.sum()) for _ in range(4)}
    assert len(known) == 4
    assert {float(next(reader).raw.width.sum()) for _ in range(12)} == known


def test_shards_for_another_expert_are_refused(folder):
    with pytest.raises(ConfigError, match="other point_count"):
        next(read_shards(folder, replace(CONFIG, point_count=64), seed=0))


def test_other_settings_do_not_mix_with_what_is_there(data, folder):
    with pytest.raises(ConfigError, match="other seed"):
        write_shards(data, folder, count=3, size=4, seed=2)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="found none"):
        next(read_shards(tmp_path, CONFIG, seed=0))


def test_the_command_shapes_samples_for_the_checkpoint_that_is_named(tmp_path):
    config = tmp_path / "tiny.yaml"
    config.write_text("start: nowhere\nbatch_size: 2\ncontact_paths: 5\nrays: 16\n")
    out = tmp_path / "shards"
    asked = ["draw", "--config", str(config), "--out", str(out), "--count=1"]
    draw, arguments = STAGES.parse([*asked, "--start", SHIPPED])
    assert draw.run(arguments) == 0
    [batch] = list(
        islice(read_shards(out, load_checkpoint(resource_path(SHIPPED)).config, seed=0), 1)
    )
    assert batch.raw.points.shape == (2, 2048, 3)
    draw, arguments = STAGES.parse([*asked, "--count=2"])
    with pytest.raises(ConfigError, match="nowhere"):
        draw.run(arguments)
