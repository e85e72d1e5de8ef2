"""TrainingRun: what a run of any kind of training is, does and leaves behind."""

from __future__ import annotations

import copy
import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import torch
from rich.progress import Progress, TextColumn
from torch import Tensor

from bridge_ros.errors import CheckpointError
from bridge_ros.expert.checkpoint import save_checkpoint
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Poses, Processor
from bridge_ros.lab.training.following_error import Observed, guidance_ahead
from bridge_ros.lab.training.processes import Processes
from bridge_ros.lab.training.stop_request import stop_request
from bridge_ros.lab.training.training_settings import TrainingSettings

STATE_FILE = "training_state.pt"

S = TypeVar("S", bound=TrainingSettings)
B = TypeVar("B")


class Demonstrated(Observed, Protocol):
    """Observations, and what a demonstrator does next."""

    @property
    def targets(self) -> Poses:
        """The poses of the next H steps."""

    @property
    def target_widths(self) -> Tensor:
        """`(B, H)` [m]."""


class TrainingRun(ABC, Generic[S, B]):
    """Network, moving average, optimiser, and the step at which they are.

    AdamW at a learning rate that falls as a cosine; the checkpoint is the moving average of the
    weights. Several processes (`accelerate launch`) average their gradients. A subclass says where
    batches come from, what is to be learnt from them, and how well it has been learnt.

    Attributes:
        losses: (step, loss, …) every `log_every` steps.
        history: "step" and figures of each evaluation.
        seconds: by the clock, of all parts of the run together.
    """

    free: ClassVar[frozenset[str]] = frozenset(
        {"steps", "device", "threads", "log_every", "evaluate_every", "save_every_s"}
    )
    """Settings that a resumed run may change."""

    def __init__(self, settings: S, out: Path) -> None:
        self.settings = settings
        self.out = out
        self.step = 0
        self.losses: list[tuple[float, ...]] = []
        self.history: list[dict[str, Any]] = []
        self.seconds = 0.0
        if settings.threads > 0:
            torch.set_num_threads(settings.threads)
        self._processes = Processes(settings.device)
        self._device = self._processes.device
        self._generator = self._processes.generator(settings.seed)

    def _train(self, network: ActionExpertNetwork) -> None:
        """Name the network that the run is to train."""
        self.network = network.to(self._device)
        self.average = copy.deepcopy(self.network).requires_grad_(False).eval()
        self._processor = Processor(network.config)
        self._diffusion = Diffusion(network.config).to(self._device)
        self._optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=1.0, weight_decay=self.settings.weight_decay
        )

    @abstractmethod
    def evaluate(self) -> dict[str, Any]:
        """The averaged weights' figures on what training never sees."""

    @abstractmethod
    def _batches(self) -> Iterator[B]:
        """Batches from the present step on."""

    @abstractmethod
    def _losses(self, batch: B) -> tuple[Tensor, tuple[Tensor, ...]]:
        """What is minimised, and the losses that are reported."""

    @abstractmethod
    def _plot(self) -> None:
        """Draw how the run goes."""

    def _action_loss(self, batch: Demonstrated, condition: Tensor | None = None) -> Tensor:
        """The diffusion loss of what a batch demonstrates.

        Args:
            condition: f^A `(B, C)`, where it has been encoded already.
        """
        ahead, widths = guidance_ahead(batch, self.network.config.horizon)
        actions = self._processor.encode_actions(batch.targets, batch.target_widths, ahead, widths)
        if condition is None:
            features = self._processor.encode(batch.raw)
            return self._diffusion.loss(self.network, actions, features, self._generator)
        return self._diffusion.loss_given(self.network, actions, condition, self._generator)

    def run(self) -> dict[str, Any]:
        """Train to the last step, with resume points; returns the last evaluation's figures.

        Raises:
            KeyboardInterrupt: on Ctrl-C or SIGTERM, after the step and a resume point.
        """
        s = self.settings
        figures: dict[str, Any] = {}
        began = time.perf_counter() - self.seconds
        saved = time.perf_counter()
        with (
            stop_request() as stop,
            Progress(
                *Progress.get_default_columns(),
                TextColumn("loss {task.fields[loss]}"),
                disable=not self._processes.first,
            ) as bar,
        ):
            task = bar.add_task("train", total=s.steps, completed=self.step, loss="")
            for batch in self._batches():
                if self.step >= s.steps:
                    break
                losses = self._train_step(batch)
                self.step += 1
                bar.advance(task)
                if not self._processes.first:
                    if stop.is_set():
                        raise KeyboardInterrupt
                    continue
                if self.step % s.log_every == 0:
                    self.losses.append((self.step, *map(float, losses)))
                    bar.update(task, loss=" ".join(f"{loss:.4f}" for loss in losses))
                last = self.step == s.steps
                self.seconds = time.perf_counter() - began
                if self.step % s.evaluate_every == 0 or last:
                    figures = self.evaluate()
                    self.history.append({"step": self.step, **figures})
                    bar.console.print(f"step {self.step}: {json.dumps(figures)}")
                elif not stop.is_set() and time.perf_counter() - saved < s.save_every_s:
                    continue
                self.save()
                saved = time.perf_counter()
                if stop.is_set():
                    raise KeyboardInterrupt
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
        write_figures(self.out / "history.json", self.history)
        self._plot()

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
        mine = {k: v for k, v in asdict(self.settings).items() if k not in self.free}
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

    def _train_step(self, batch: B) -> tuple[Tensor, ...]:
        s = self.settings
        total, losses = self._losses(batch)
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
        return tuple(loss.detach() for loss in losses)


def write_figures(path: Path, figures: Mapping[str, Any] | list[dict[str, Any]]) -> str:
    """Write figures as JSON; returns the text."""
    text = json.dumps(figures, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
    return text
