"""One training process, or several, started by `accelerate launch`, that share gradients."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable
from importlib import import_module

import torch
from torch import nn

from bridge_ros.errors import ConfigError
from bridge_ros.lab.scenes.random_draws import stream


class Processes:
    """Which of how many processes this is; alone it does nothing.

    Attributes:
        rank, count: this process's number, and how many there are.
    """

    def __init__(self, device: str) -> None:
        """Join the others.

        Args:
            device: "cpu", or "cuda", of which each process then takes one of its own.

        Raises:
            ConfigError: if there are others, but accelerate is missing.
        """
        self.rank, self.count = 0, int(os.environ.get("WORLD_SIZE", "1"))
        self.device = torch.device(device)
        if self.count == 1:
            return
        try:
            accelerate = import_module("accelerate")
        except ImportError as error:
            raise ConfigError(
                "several processes: expected accelerate, which is missing; "
                'install it with: pip install "bridge_ros[train]"'
            ) from error
        state = accelerate.PartialState(cpu=device == "cpu")
        self.rank, self.device = state.process_index, state.device
        # Threads of a group that is still there when the interpreter ends abort the process.
        atexit.register(state.destroy_process_group)

    @property
    def first(self) -> bool:
        """Whether this is the one that evaluates, saves and talks."""
        return self.rank == 0

    def generator(self, seed: int, step: int = 0) -> torch.Generator:
        """Random numbers of this process's own, from a step on; alone, those of the seed itself."""
        own = stream(seed, self.rank, step) if self.rank else seed
        return torch.Generator(self.device).manual_seed(own)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace everyone's gradients by their mean."""
        if self.count == 1:
            return
        reduce = import_module("accelerate.utils").reduce
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = reduce(torch.cat([gradient.flatten() for gradient in gradients]), "mean")
        for gradient, mean in zip(
            gradients, flat.split([g.numel() for g in gradients]), strict=True
        ):
            gradient.copy_(mean.view_as(gradient))
