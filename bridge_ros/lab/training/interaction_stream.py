"""A stream of fine-tuning batches, drawn here or in workers: the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from bridge_ros.lab.scenes.random_draws import stream
from bridge_ros.lab.training.finetuning_data import FinetuningData, InteractionBatch


class InteractionStream(IterableDataset[InteractionBatch]):
    """Every `stride`-th batch from `first` on; batch n has its own seed, whoever draws it."""

    def __init__(
        self, data: FinetuningData, *, size: int, seed: int, first: int = 0, stride: int = 1
    ) -> None:
        self._data = data
        self._size = size
        self._seed = seed
        self._first = first
        self._stride = stride

    def __iter__(self) -> Iterator[InteractionBatch]:
        worker = get_worker_info()
        number = self._first + self._stride * (worker.id if worker else 0)
        stride = self._stride * (worker.num_workers if worker else 1)
        generator = torch.Generator(self._data.device)
        while True:
            yield self._data.draw(self._size, generator.manual_seed(stream(self._seed, number)))
            number += stride


def batches(source: InteractionStream, workers: int) -> Iterator[InteractionBatch]:
    """The stream, drawn by `workers` processes (0: by this one), in order.

    Workers draw on the CPU. On one core or on a GPU, 0 is right.
    """
    if workers == 0:
        return iter(source)
    loader = DataLoader(source, batch_size=None, num_workers=workers, worker_init_fn=_one_thread)
    return iter(loader)


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
