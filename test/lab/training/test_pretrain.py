"""The pre-training command: learns, resumes, and refuses what it cannot go on from."""

import itertools
import json
import os
import signal

import pytest
import torch
import yaml

from bridge_ros.commands.train import STAGES
from bridge_ros.errors import CheckpointError, ConfigError
from bridge_ros.expert import ActionExpert, ExpertConfig
from bridge_ros.lab.training.pretrain_settings import PretrainSettings
from bridge_ros.lab.training.pretraining import Pretraining

TINY = {"batch_size": 64, "trajectories": 10, "evaluate_every": 10, "log_every": 2}
SMALL = ExpertConfig(hidden_size=32, block_count=1)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_run_learns_and_leaves_a_checkpoint_and_a_plot(tmp_path):
    settings = PretrainSettings(steps=100, warmup_steps=5, **TINY | {"evaluate_every": 100})
    run = Pretraining(settings, SMALL, tmp_path)
    figures = run.run()
    first = sum(loss for _, loss in run.losses[:10])
    assert sum(loss for _, loss in run.losses[-10:]) < 0.8 * first
    assert figures["following_width_max_mm"] < 5.0
    assert ActionExpert.from_pretrained(tmp_path).config.hidden_size == 32
    assert (tmp_path / "loss.png").stat().st_size > 1000


def test_an_interrupted_run_goes_on_exactly_where_it_was(tmp_path):
    settings = PretrainSettings(steps=20, **TINY)
    whole = Pretraining(settings, SMALL, tmp_path / "whole")
    whole.run()

    first = Pretraining(settings, SMALL, tmp_path / "parts")
    for batch in itertools.islice(first._batches(), 10):
        first._train_step(batch)
        first.step += 1
    first.save()
    second = Pretraining(settings, SMALL, tmp_path / "parts")
    second.resume()
    second.run()
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_resume_point_of_the_last_step(tmp_path, monkeypatch, number):
    run = Pretraining(PretrainSettings(steps=20, **TINY), SMALL, tmp_path)
    step = run._train_step

    def interrupted(batch):
        if run.step == 4:
            os.kill(os.getpid(), number)
        return step(batch)

    monkeypatch.setattr(run, "_train_step", interrupted)
    handler = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert signal.getsignal(number) is handler
    again = Pretraining(PretrainSettings(steps=20, **TINY), SMALL, tmp_path)
    again.resume()
    assert again.step == 5


def test_a_run_with_other_settings_is_not_gone_on_with(tmp_path):
    run = Pretraining(PretrainSettings(steps=2, **TINY), SMALL, tmp_path)
    with pytest.raises(CheckpointError, match="resume point"):
        run.resume()
    run.save()
    other = Pretraining(PretrainSettings(steps=2, learning_rate=0.1, **TINY), SMALL, tmp_path)
    with pytest.raises(CheckpointError, match="learning_rate"):
        other.resume()


def test_the_command_overrides_its_settings_file(tmp_path, capsys):
    config = tmp_path / "tiny.yaml"
    config.write_text(yaml.safe_dump({**TINY, "steps": 500}))
    out = str(tmp_path / "run")
    pretrain, arguments = STAGES.parse(
        ["pretrain", "--config", str(config), "--steps", "2", "--out", out]
    )
    assert pretrain.run(arguments) == 0
    figures = json.loads((tmp_path / "run" / "figures.json").read_text())
    assert figures["seconds"] > 0
    assert "following_position_p95_mm" in capsys.readouterr().out
    pretrain, arguments = STAGES.parse(["pretrain", "--evaluate", out])
    assert pretrain.run(arguments) == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert evaluated.keys() == figures.keys() - {"seconds"}


@pytest.mark.parametrize("change", [{"steps": 0}, {"learning_rate": 0.0}, {"ema_decay": 1.0}])
def test_settings_say_what_was_expected(change):
    with pytest.raises(ConfigError, match="expected"):
        PretrainSettings(**change)
