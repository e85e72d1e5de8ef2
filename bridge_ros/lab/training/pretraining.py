"""Action pre-training (paper, section 3.2.2): trajectories alone, without clouds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import track
from torch import Tensor

from bridge_ros.expert.checkpoint import load_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Processor
from bridge_ros.lab.training.demonstrator import DemonstratorSettings
from bridge_ros.lab.training.following_error import following_error, guidance_ahead
from bridge_ros.lab.training.loss_plot import plot_losses
from bridge_ros.lab.training.pretrain_settings import PretrainSettings
from bridge_ros.lab.training.pretraining_data import Batch, PretrainingData, StateNoiseSettings
from bridge_ros.lab.training.training_run import TrainingRun
from bridge_ros.lab.training.trajectory_bank import TrajectoryBank, sample_bank

_HELD_OUT_SEED = 1_000_003
_HELD_OUT_TRAJECTORIES = 300


class Pretraining(TrainingRun[PretrainSettings, Batch]):
    """Learns to follow trajectories, and to come back to them."""

    def __init__(self, settings: PretrainSettings, config: ExpertConfig, out: Path) -> None:
        super().__init__(settings, out)
        period = config.control_period_s
        bank = sample_bank(
            settings.trajectories,
            settings.seed,
            period_s=period,
            track=lambda items: track(items, "fit trajectories", total=settings.trajectories),
        )
        held_out = sample_bank(
            min(_HELD_OUT_TRAJECTORIES, settings.trajectories), _HELD_OUT_SEED, period_s=period
        )
        noise = StateNoiseSettings(goal_noise_scale=settings.goal_noise_scale)
        self._data = PretrainingData(bank.to(self._device), config, noise, DemonstratorSettings())
        self._held_out = held_out.to(self._device)
        config = self._with_scales(config)
        torch.manual_seed(settings.seed)
        self._train(ActionExpertNetwork(config))

    def evaluate(self) -> dict[str, float]:
        """The averaged weights' errors on trajectories that training never saw."""
        return _figures(self.average, self._held_out)

    def _batches(self) -> Iterator[Batch]:
        while True:
            yield self._data.draw(self.settings.batch_size, self._generator)

    def _losses(self, batch: Batch) -> tuple[Tensor, tuple[Tensor, ...]]:
        loss = self._action_loss(batch)
        return loss, (loss,)

    def _plot(self) -> None:
        plot_losses(self.losses, self.out / "loss.png")

    def _with_scales(self, config: ExpertConfig) -> ExpertConfig:
        """The config with the standard deviations of this run's actions as its normalisation."""
        generator = torch.Generator(self._device).manual_seed(self.settings.seed)
        batch = self._data.draw(16384, generator)
        unit = replace(config, position_scale_m=1.0, rotation_scale=1.0)
        ahead, widths = guidance_ahead(batch, config.horizon)
        actions = Processor(unit).encode_actions(batch.targets, batch.target_widths, ahead, widths)
        return replace(
            config,
            position_scale_m=round(float(actions[..., :3].std()), 5),
            rotation_scale=round(float(actions[..., 3:9].std()), 5),
        )


def evaluate_checkpoint(folder: Path) -> dict[str, float]:
    """The figures of a checkpoint that exists, on the trajectories that no training sees.

    Raises:
        CheckpointError: if the folder is not a checkpoint.
    """
    network = load_checkpoint(folder)
    period = network.config.control_period_s
    return _figures(network, sample_bank(_HELD_OUT_TRAJECTORIES, _HELD_OUT_SEED, period_s=period))


def _figures(network: ActionExpertNetwork, bank: TrajectoryBank) -> dict[str, float]:
    """Errors for an arm that follows, and for one that was pushed or is anywhere near."""
    figures: dict[str, float] = {}
    for name, noise in (
        ("following", StateNoiseSettings(goal_noise_scale=0, disturbed_share=0, far_share=0)),
        ("disturbed", StateNoiseSettings(goal_noise_scale=0, disturbed_share=0.7, far_share=0.3)),
    ):
        data = PretrainingData(bank, network.config, noise, DemonstratorSettings())
        errors = following_error(network, data, size=4096, seed=1)
        figures |= {f"{name}_{key}": round(value, 3) for key, value in errors.items()}
    return figures
