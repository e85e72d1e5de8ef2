"""Scenes and tasks by name: a name and a seed give the same one on every machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.language import Opening, PickPlace, read_instruction
from bridge_ros.sim.scenes import calibration, tabletop
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.tasks import TASKS
from bridge_ros.sim.tasks.layout import SEEN, UNSEEN, Variation
from bridge_ros.sim.tasks.task import Task

EPISODES: dict[str, tuple[type[Task], Variation]] = {
    **{name: (task, SEEN) for name, task in TASKS.items()},
    **{f"{name}_unseen": (task, UNSEEN) for name, task in TASKS.items()},
}
"""Kinds of episodes, by the name of their scenes."""

_LAYOUTS: dict[str, Callable[[str, int, np.random.Generator], Scene]] = {
    "tabletop": tabletop.lay_out,
    "calibration": calibration.lay_out,
}
"""Scenes that belong to no task."""
_SENTENCE_STREAM = 1


def make_scene(name: str, seed: int) -> Scene:
    """Lay out a scene.

    Raises:
        ConfigError: for an unknown name or a negative seed.
    """
    names = [*_LAYOUTS, *EPISODES]
    if name not in names:
        raise ConfigError(f"scene: expected one of {names}, got {name!r}")
    if seed < 0:
        raise ConfigError(f"seed: expected a whole number from 0, got {seed}")
    rng = np.random.default_rng(seed)
    if name in _LAYOUTS:
        return _LAYOUTS[name](name, seed, rng)
    task, variation = EPISODES[name]
    return task.lay_out(name, seed, rng, variation)


def make_task(name: str, seed: int) -> Task:
    """The episode of a seed: the scene of that name and seed, and a sentence that fits it.

    Raises:
        ConfigError: for an unknown name or a negative seed.
    """
    if name not in EPISODES:
        raise ConfigError(f"task: expected one of {list(EPISODES)}, got {name!r}")
    task, variation = EPISODES[name]
    scene = make_scene(name, seed)
    return task(scene, np.random.default_rng([seed, _SENTENCE_STREAM]), variation)


def scene_for(sentence: str) -> str:
    """The scene that has what a sentence speaks of; the tabletop for one that cannot be read."""
    try:
        instruction = read_instruction(sentence)
    except PlanError:
        return "tabletop"
    if isinstance(instruction, Opening):
        return "open_drawer"
    if isinstance(instruction, PickPlace):
        things = (instruction.target, instruction.reference)
        return "stack_cups" if any(one and one.shape == "cup" for one in things) else "tabletop"
    return "stack_cups" if instruction.shape == "cup" else "rank_cubes"
