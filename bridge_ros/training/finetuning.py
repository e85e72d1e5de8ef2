"""A run of point-cloud fine-tuning (paper, section 3.2.2): the full conditioning, at contacts."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress, TextColumn, track
from torch import Tensor

from bridge_ros.data.random_draws import stream
from bridge_ros.errors import CheckpointError
from bridge_ros.expert.checkpoint import load_checkpoint, save_checkpoint
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Processor
from bridge_ros.resources import resource_path
from bridge_ros.training.contact_rollout import roll_out
from bridge_ros.training.correction_error import (
    CorrectionSamples,
    contact_samples,
    correction_error,
)
from bridge_ros.training.correction_loss import correction_loss
from bridge_ros.training.finetune_settings import FinetuneSettings
from bridge_ros.training.finetuning_data import InteractionBatch
from bridge_ros.training.finetuning_sources import (
    HELD_OUT,
    TRAINING,
    held_out_interactions,
    motions,
    seeing_config,
    training_interactions,
)
from bridge_ros.training.following_error import guidance_ahead
from bridge_ros.training.interaction_shards import STEP, read_shards
from bridge_ros.training.interaction_stream import InteractionStream, batches
from bridge_ros.training.learning_curves import plot_learning_curves
from bridge_ros.training.map_tensors import map_tensors, take_rows
from bridge_ros.training.pretraining_data import PretrainingData
from bridge_ros.training.processes import Processes
from bridge_ros.training.symmetries import vary

STATE_FILE = "training_state.pt"
_FREE = {
    "steps", "device", "threads", "workers", "shards", "bfloat16", "learning_rate",
    "log_every", "evaluate_every", "save_every_s", "rendered_scenes", "held_out_samples",
}  # fmt: skip
"""Settings that a resumed run may change."""


class Finetuning:
    """A run: network, moving average, optimiser, data, and the step at which they are.

    Batches come from shards, or are drawn on the CPU by this process or its workers. Several
    processes (`accelerate launch`) take different batches and average their gradients.
    """

    def __init__(
        self, settings: FinetuneSettings, out: Path, *, from_scratch: bool = False
    ) -> None:
        self.settings = settings
        self.out = out
        self.step = 0
        self.losses: list[tuple[int, float, float]] = []
        self.history: list[dict[str, Any]] = []
        self.seconds = 0.0
        if settings.threads > 0:
            torch.set_num_threads(settings.threads)
        self._processes = Processes(settings.device)
        self._device = self._processes.device
        torch.manual_seed(settings.seed)
        self.network = self._network(from_scratch).to(self._device)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self._processor = Processor(self.network.config)
        self._diffusion = Diffusion(self.network.config).to(self._device)
        self._motions = motions(settings, device=self._device)
        self._generator = self._processes.generator(settings.seed)
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=1.0, weight_decay=settings.weight_decay
        )
        self._held_out = held_out_interactions(settings)
        self._tests = self._held_out_samples()

    def run(self) -> dict[str, Any]:
        """Train to the last step, with resume points; returns the last evaluation's figures."""
        s = self.settings
        figures: dict[str, Any] = {}
        began = time.perf_counter() - self.seconds
        saved = time.perf_counter()
        with Progress(
            *Progress.get_default_columns(),
            TextColumn("loss {task.fields[loss]}"),
            disable=not self._processes.first,
        ) as bar:
            task = bar.add_task("fine-tune", total=s.steps, completed=self.step, loss="")
            for batch in self._batches():
                if self.step >= s.steps:
                    break
                there = map_tensors(batch, lambda value: value.to(self._device))
                losses = self._train_step(there)
                self.step += 1
                bar.advance(task)
                if self.step % s.log_every == 0:
                    self.losses.append((self.step, float(losses[0]), float(losses[1])))
                    bar.update(task, loss="{:.4f} {:.4f}".format(*self.losses[-1][1:]))
                if not self._processes.first:
                    continue
                last = self.step == s.steps
                self.seconds = time.perf_counter() - began
                if self.step % s.evaluate_every == 0 or last:
                    figures = self.evaluate()
                    self.history.append({"step": self.step, **figures})
                    bar.console.print(f"step {self.step}: {json.dumps(figures)}")
                elif time.perf_counter() - saved < s.save_every_s:
                    continue
                self.save()
                saved = time.perf_counter()
        return figures

    def evaluate(self) -> dict[str, Any]:
        """The correction error of the averaged weights, for each set of held-out samples."""
        figures = {name: correction_error(self.average, test) for name, test in self._tests.items()}
        generator = torch.Generator().manual_seed(stream(self.settings.seed, HELD_OUT, 3))
        count = max(8, self.settings.held_out_samples // 4)
        figures["closed loop"] = roll_out(self.average, self._held_out, count, generator)
        return figures

    def save(self) -> None:
        """Write the checkpoint, the resume point, the history and its plot."""
        save_checkpoint(self.out, self.average)
        state = {
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
            "history": self.history,
            "settings": asdict(self.settings),
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "generator": self._generator.get_state(),
        }
        partial = self.out / f".{STATE_FILE}.partial"
        torch.save(state, partial)
        partial.replace(self.out / STATE_FILE)
        text = json.dumps(self.history, indent=2) + "\n"
        (self.out / "history.json").write_text(text, encoding="utf-8")
        plot_learning_curves(self.losses, self.history, self.out / "learning.png")

    def resume(self) -> None:
        """Go on from the resume point in the run's folder.

        Raises:
            CheckpointError: if there is none, or it is of a run with other settings.
        """
        path = self.out / STATE_FILE
        try:
            state = torch.load(path, map_location=self._device, weights_only=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise CheckpointError(f"{path}: expected a resume point: {error}") from error
        mine = {k: v for k, v in asdict(self.settings).items() if k not in _FREE}
        different = sorted(key for key in mine if mine[key] != state["settings"].get(key))
        if different:
            raise CheckpointError(f"{path}: is of a run with other {', '.join(different)}")
        self.step, self.seconds = state["step"], state["seconds"]
        self.losses, self.history = state["losses"], state["history"]
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        if self._processes.first:
            self._generator.set_state(state["generator"].cpu())
        else:
            self._generator = self._processes.generator(self.settings.seed, self.step)

    def _network(self, from_scratch: bool) -> ActionExpertNetwork:
        network = ActionExpertNetwork(seeing_config(self.settings))
        if not from_scratch:
            start = load_checkpoint(resource_path(self.settings.start))
            network.load_state_dict(start.state_dict())
        return network

    def _batches(self) -> Iterator[InteractionBatch]:
        """Batches from the present step on: from shards where there are any, or drawn anew."""
        s, seed = self.settings, stream(self.settings.seed, TRAINING)
        everyone = self._processes
        first = self.step * everyone.count + everyone.rank
        if s.shards:
            return read_shards(
                Path(s.shards),
                self.network.config,
                seed=s.seed,
                first=first,
                stride=everyone.count,
            )
        track_paths = partial(track, description="fit paths", total=s.contact_paths)
        data = training_interactions(s, track=track_paths)
        source = InteractionStream(
            data, size=s.batch_size, seed=seed, first=first, stride=everyone.count
        )
        return batches(source, s.workers)

    def _held_out_samples(self) -> dict[str, CorrectionSamples]:
        s, config = self.settings, self.network.config
        generator = torch.Generator().manual_seed(stream(s.seed, HELD_OUT, 2))
        tests = {"procedural": contact_samples(self._held_out, s.held_out_samples, generator)}
        if s.rendered_scenes > 0:
            from bridge_ros.training.rendered_contacts import render_contacts

            tests["rendered"] = render_contacts(config, s.rendered_scenes)
        return tests

    def _train_step(self, batch: InteractionBatch) -> tuple[Tensor, Tensor]:
        s, config = self.settings, self.network.config
        batch = vary(batch, self._generator, dither_m=config.crop_radius_m * STEP / 2)
        loss, correction = self._contact_loss(batch)
        total = loss + s.correction_weight * correction
        if self._motions is not None:
            total = total + self._motion_loss(self._motions)
        warm = min(1.0, (self.step + 1) / max(s.warmup_steps, 1))
        falling = 0.5 * (1.0 + math.cos(math.pi * self.step / s.steps))
        for group in self._optimizer.param_groups:
            group["lr"] = s.learning_rate * warm * falling
        self._optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        self._processes.average_gradients(self.network.parameters())
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        decay = min(s.ema_decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(
                self.average.parameters(), self.network.parameters(), strict=True
            ):
                mean.lerp_(value, 1.0 - decay)
        return loss.detach(), correction.detach()

    def _contact_loss(self, batch: InteractionBatch) -> tuple[Tensor, Tensor]:
        """The diffusion loss, and the error of the corrections that the encoder sees."""
        config = self.network.config
        batch = map_tensors(batch, take_rows(torch.nonzero(batch.weight > 0, as_tuple=True)[0]))
        ahead, widths = guidance_ahead(batch, config.horizon)
        actions = self._processor.encode_actions(batch.targets, batch.target_widths, ahead, widths)
        features = self._processor.encode(batch.raw)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self.settings.bfloat16):
            condition = self.network.encode(features)
        condition = condition.float()
        loss = self._diffusion.loss_given(self.network, actions, condition, self._generator)
        seen = torch.nonzero(batch.raw.points_mask[:, 0] > 0, as_tuple=True)[0]
        return loss, correction_loss(condition[seen], batch.correction[seen], config)

    def _motion_loss(self, motions: PretrainingData) -> Tensor:
        batch = motions.draw(self.settings.motion_batch_size, self._generator)
        ahead, widths = guidance_ahead(batch, self.network.config.horizon)
        actions = self._processor.encode_actions(batch.targets, batch.target_widths, ahead, widths)
        features = self._processor.encode(batch.raw)
        return self._diffusion.loss(self.network, actions, features, self._generator)
