"""A fine-tuning run: it trains, it can be stopped and resumed, and it leaves a checkpoint."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from bridge_ros.commands.train import STAGES
from bridge_ros.errors import CheckpointError, ConfigError
from bridge_ros.expert.action_expert import ActionExpert
from bridge_ros.expert.checkpoint import save_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.lab.training.correction_error import contact_samples, correction_error
from bridge_ros.lab.training.finetune_settings import FinetuneSettings
from bridge_ros.lab.training.finetuning import Finetuning

QUICK = {
    "steps": 4,
    "batch_size": 8,
    "motion_batch_size": 8,
    "point_count": 64,
    "rays": 32,
    "contact_paths": 5,
    "trajectories": 4,
    "held_out_samples": 8,
    "log_every": 1,
    "evaluate_every": 2,
}


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("pretrained")
    small = ExpertConfig(hidden_size=32, block_count=1, grid_channels=(8, 8, 4))
    save_checkpoint(folder, ActionExpertNetwork(small))
    return folder


@pytest.fixture(scope="module")
def settings(start):
    return FinetuneSettings(start=str(start), **QUICK)


@pytest.fixture(scope="module")
def finished(settings, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    training = Finetuning(settings, out)
    training.run()
    return training


def test_it_leaves_a_checkpoint_that_sees_points(finished):
    expert = ActionExpert.from_pretrained(finished.out)
    assert expert.config.sees_points
    assert expert.config.point_count == QUICK["point_count"]


def test_it_leaves_its_history_and_a_picture(finished):
    history = json.loads((finished.out / "history.json").read_text())
    assert [entry["step"] for entry in history] == [2, 4]
    assert set(history[0]) == {"step", "procedural", "closed loop"}
    assert set(history[0]["procedural"]) <= {"grasp", "place"}
    assert (finished.out / "learning.png").stat().st_size > 1000


def test_it_trains_the_cloud_encoder(finished, start):
    before = ActionExpert.from_pretrained(start)._network.cloud_encoder.project.weight
    after = finished.network.cloud_encoder.project.weight
    assert not torch.equal(before, after)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(finished, settings, tmp_path):
    first = Finetuning(settings, tmp_path)
    first.settings = dataclasses.replace(settings, steps=4)
    stopped = _stop_after(first, 2)
    assert stopped.step == 2
    second = Finetuning(settings, tmp_path)
    second.resume()
    second.run()
    assert np.allclose(second.losses, finished.losses)


def _stop_after(training, steps):
    """Run until a step, as if the process had been killed right after a resume point."""
    saved = training.save

    def save_and_stop():
        saved()
        if training.step >= steps:
            raise KeyboardInterrupt

    training.save = save_and_stop
    with pytest.raises(KeyboardInterrupt):
        training.run()
    return training


def test_a_run_with_other_settings_is_not_resumed(finished, settings):
    other = Finetuning(dataclasses.replace(settings, batch_size=4), finished.out)
    with pytest.raises(CheckpointError, match="other batch_size"):
        other.resume()


def test_following_the_guidance_leaves_its_error_as_it_is(finished):
    """The measure itself: a policy that corrects nothing scores what the guidance scores."""
    torch.manual_seed(1)
    blind = ActionExpertNetwork(finished.network.config).eval()
    generator = torch.Generator().manual_seed(3)
    figures = correction_error(blind, contact_samples(finished._held_out, 8, generator))
    for group in figures.values():
        assert group["across_after_mm"] == pytest.approx(group["across_before_mm"], rel=1e-3)
        assert group["yaw_after_deg"] == pytest.approx(group["yaw_before_deg"], abs=0.05)


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"learning_rate": 0.0}, {"ema_decay": 1.0}, {"goal_noise_scale": 2.0}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        FinetuneSettings(**wrong)


def test_arguments_override_the_settings_file():
    _, given = STAGES.parse(["finetune", "--steps", "7", "--goal-noise-scale", "0.2"])
    assert given.steps == 7
    assert given.goal_noise_scale == 0.2
    assert given.batch_size is None
