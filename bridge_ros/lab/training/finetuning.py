"""Point-cloud fine-tuning (paper, section 3.2.2): the full conditioning, at contacts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.progress import track
from torch import Tensor

from bridge_ros.expert.checkpoint import load_checkpoint
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.lab.scenes.random_draws import stream
from bridge_ros.lab.training.contact_rollout import roll_out
from bridge_ros.lab.training.correction_error import (
    CorrectionSamples,
    contact_samples,
    correction_error,
)
from bridge_ros.lab.training.correction_loss import correction_loss
from bridge_ros.lab.training.finetune_settings import FinetuneSettings
from bridge_ros.lab.training.finetuning_data import InteractionBatch
from bridge_ros.lab.training.finetuning_sources import (
    HELD_OUT,
    TRAINING,
    held_out_interactions,
    motions,
    seeing_config,
    training_interactions,
)
from bridge_ros.lab.training.interaction_shards import STEP, read_shards
from bridge_ros.lab.training.interaction_stream import InteractionStream, batches
from bridge_ros.lab.training.learning_curves import plot_learning_curves
from bridge_ros.lab.training.map_tensors import map_tensors, take_rows
from bridge_ros.lab.training.symmetries import vary
from bridge_ros.lab.training.training_run import TrainingRun
from bridge_ros.settings.resources import resource_path


class Finetuning(TrainingRun[FinetuneSettings, InteractionBatch]):
    """Learns to correct the guidance by what the cloud shows.

    Batches come from shards, or are drawn on the CPU by this process or its workers; several
    processes take different ones.
    """

    free = TrainingRun.free | {
        "workers", "shards", "bfloat16", "learning_rate", "rendered_scenes", "held_out_samples",
    }  # fmt: skip

    def __init__(
        self, settings: FinetuneSettings, out: Path, *, from_scratch: bool = False
    ) -> None:
        super().__init__(settings, out)
        torch.manual_seed(settings.seed)
        self._train(self._network(from_scratch))
        self._motions = motions(settings, device=self._device)
        self._held_out = held_out_interactions(settings)
        self._tests = self._held_out_samples()

    def evaluate(self) -> dict[str, Any]:
        """The correction error of the averaged weights, for each set of held-out samples."""
        figures = {name: correction_error(self.average, test) for name, test in self._tests.items()}
        generator = torch.Generator().manual_seed(stream(self.settings.seed, HELD_OUT, 3))
        count = max(8, self.settings.held_out_samples // 4)
        figures["closed loop"] = roll_out(self.average, self._held_out, count, generator)
        return figures

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
            from bridge_ros.lab.training.rendered_contacts import render_contacts

            tests["rendered"] = render_contacts(config, s.rendered_scenes)
        return tests

    def _plot(self) -> None:
        plot_learning_curves(self.losses, self.history, self.out / "learning.png")

    def _losses(self, batch: InteractionBatch) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Of actions at contacts, of the corrections that the encoder sees, and of free motion."""
        s, config = self.settings, self.network.config
        batch = map_tensors(batch, lambda value: value.to(self._device))
        batch = vary(batch, self._generator, dither_m=config.crop_radius_m * STEP / 2)
        batch = map_tensors(batch, take_rows(torch.nonzero(batch.weight > 0, as_tuple=True)[0]))
        features = self._processor.encode(batch.raw)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=s.bfloat16):
            condition = self.network.encode(features)
        condition = condition.float()
        loss = self._action_loss(batch, condition)
        seen = torch.nonzero(batch.raw.points_mask[:, 0] > 0, as_tuple=True)[0]
        correction = correction_loss(condition[seen], batch.correction[seen], config)
        total = loss + s.correction_weight * correction
        if self._motions is not None:
            motion = self._motions.draw(s.motion_batch_size, self._generator)
            total = total + self._action_loss(motion)
        return total, (loss, correction)
