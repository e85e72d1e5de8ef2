"""Draws the episodes of many simulated scenes, in this process or in several."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path


def draw_scenes(
    scenes: Sequence[tuple[str, int]], out: Path, *, arrangements: int, workers: int
) -> Iterator[None]:
    """Draw the episodes that are not there yet; yields after each scene.

    Args:
        scenes: names of tasks, with their seeds.
        arrangements: episodes a scene.
    """
    draw = partial(_draw, out, arrangements)
    if workers == 1:
        for scene in scenes:
            yield draw(scene)
        return
    # Forking would copy OpenGL contexts.
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        yield from pool.imap_unordered(draw, scenes)


def _draw(out: Path, arrangements: int, scene: tuple[str, int]) -> None:
    from bridge_ros.lab.annotation.simulated_episodes import draw_episodes

    draw_episodes(*scene, out, arrangements=arrangements)
