"""A run of action pre-training (paper, section 3.2.2): trajectories alone, without clouds."""

from __future__ import annotations

import copy
import json
import math
import time
from dataclasses import replace
from pathlib import Path

import torch
from rich.progress import Progress, TextColumn, track
from torch import Tensor

from bridge_ros.errors import CheckpointError
from bridge_ros.expert.checkpoint import load_checkpoint, save_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Processor
from bridge_ros.training.demonstrator import DemonstratorSettings
from bridge_ros.training.following_error import following_error, guidance_ahead
from bridge_ros.training.loss_plot import plot_losses
from bridge_ros.training.pretrain_settings import PretrainSettings
from bridge_ros.training.pretraining_data import PretrainingData, StateNoiseSettings
from bridge_ros.training.processes import Processes
from bridge_ros.training.trajectory_bank import TrajectoryBank, sample_bank

_STATE_FILE = "training_state.pt"
_HELD_OUT_SEED = 1_000_003
_HELD_OUT_TRAJECTORIES = 300


class Pretraining:
    """A run: network, moving average, optimiser, data, and the step at which they are."""

    def __init__(self, settings: PretrainSettings, config: ExpertConfig, out: Path) -> None:
        self.settings = settings
        self.out = out
        self.step = 0
        self.losses: list[tuple[int, float]] = []
        self.seconds = 0.0
        if settings.threads > 0:
            torch.set_num_threads(settings.threads)
        self._processes = Processes(settings.device)
        self._device = self._processes.device
        noise = StateNoiseSettings(goal_noise_scale=settings.goal_noise_scale)
        law = DemonstratorSettings()
        period = config.control_period_s
        bank = sample_bank(
            settings.trajectories,
            settings.seed,
            period_s=period,
            track=lambda items: track(items, "fit trajectories", total=settings.trajectories),
        ).to(self._device)
        held_out = sample_bank(
            min(_HELD_OUT_TRAJECTORIES, settings.trajectories), _HELD_OUT_SEED, period_s=period
        )
        self._generator = self._processes.generator(settings.seed)
        self._data = PretrainingData(bank, config, noise, law)
        self._held_out = held_out.to(self._device)
        config = self._with_scales(config)
        torch.manual_seed(settings.seed)
        self._processor = Processor(config)
        self._diffusion = Diffusion(config).to(self._device)
        self.network = ActionExpertNetwork(config).to(self._device)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=1.0, weight_decay=settings.weight_decay
        )

    def run(self) -> dict[str, float]:
        """Train to the last step, with resume points; returns the last evaluation's figures."""
        s = self.settings
        figures: dict[str, float] = {}
        began = time.perf_counter() - self.seconds
        with Progress(
            *Progress.get_default_columns(),
            TextColumn("loss {task.fields[loss]}"),
            disable=not self._processes.first,
        ) as bar:
            task = bar.add_task("pre-train", total=s.steps, completed=self.step, loss="")
            while self.step < s.steps:
                loss = self._train_step()
                self.step += 1
                bar.advance(task)
                if not self._processes.first:
                    continue
                if self.step % s.log_every == 0:
                    self.losses.append((self.step, float(loss)))
                    bar.update(task, loss=f"{self.losses[-1][1]:.4f}")
                if self.step % s.evaluate_every == 0 or self.step == s.steps:
                    self.seconds = time.perf_counter() - began
                    figures = self.evaluate()
                    self.save()
                    bar.console.print(f"step {self.step}: {json.dumps(figures)}")
        return figures

    def evaluate(self) -> dict[str, float]:
        """The averaged weights' errors on trajectories that training never saw."""
        return _figures(self.average, self._held_out)

    def save(self) -> None:
        """Write the checkpoint, the resume point, the losses and their plot."""
        save_checkpoint(self.out, self.average)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
            "settings": vars(self.settings),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "generator": self._generator.get_state(),
        }
        partial = self.out / f".{_STATE_FILE}.partial"
        torch.save(state, partial)
        partial.replace(self.out / _STATE_FILE)
        plot_losses(self.losses, self.out / "loss.png")

    def resume(self) -> None:
        """Go on from the resume point in the run's folder.

        Raises:
            CheckpointError: if there is none, or it is of a run with other settings.
        """
        path = self.out / _STATE_FILE
        try:
            state = torch.load(path, map_location=self._device, weights_only=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise CheckpointError(f"{path}: expected a resume point: {error}") from error
        mine = {**vars(self.settings), "steps": None, "device": None, "threads": None}
        theirs = {**state["settings"], "steps": None, "device": None, "threads": None}
        if mine != theirs:
            different = sorted(key for key in mine if mine[key] != theirs.get(key))
            raise CheckpointError(f"{path}: is of a run with other {', '.join(different)}")
        self.step, self.seconds, self.losses = state["step"], state["seconds"], state["losses"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._processes.first:
            self._generator.set_state(state["generator"].cpu())
        else:
            self._generator = self._processes.generator(self.settings.seed, self.step)

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

    def _train_step(self) -> Tensor:
        s = self.settings
        batch = self._data.draw(s.batch_size, self._generator)
        ahead, widths = guidance_ahead(batch, self.network.config.horizon)
        actions = self._processor.encode_actions(batch.targets, batch.target_widths, ahead, widths)
        features = self._processor.encode(batch.raw)
        loss = self._diffusion.loss(self.network, actions, features, self._generator)
        warm = min(1.0, (self.step + 1) / max(s.warmup_steps, 1))
        for group in self._optimizer.param_groups:
            group["lr"] = (
                s.learning_rate * warm * 0.5 * (1.0 + math.cos(math.pi * self.step / s.steps))
            )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._processes.average_gradients(self.network.parameters())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        decay = min(s.ema_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(
                self.average.parameters(), self.network.parameters(), strict=True
            ):
                mean.lerp_(value, 1.0 - decay)
        return loss.detach()


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
