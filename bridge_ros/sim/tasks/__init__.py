"""The six tasks of the paper's appendix A.3 in the simulated cell, one small file a task."""

from __future__ import annotations

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.sim.scene import Scene
from bridge_ros.sim.tasks.layout import SEEN, UNSEEN, Variation
from bridge_ros.sim.tasks.open_drawer import OpenDrawer
from bridge_ros.sim.tasks.pick_up_toy import PickUpToy
from bridge_ros.sim.tasks.put_toy_into_basket import PutToyIntoBasket
from bridge_ros.sim.tasks.rank_cubes import RankCubes
from bridge_ros.sim.tasks.stack_cubes import StackCubes
from bridge_ros.sim.tasks.stack_cups import StackCups
from bridge_ros.sim.tasks.task import Task

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (PickUpToy, OpenDrawer, StackCubes, PutToyIntoBasket, RankCubes, StackCups)
}
"""By name, from short to long horizon."""

EPISODES: dict[str, tuple[type[Task], Variation]] = {
    **{name: (task, SEEN) for name, task in TASKS.items()},
    **{f"{name}_unseen": (task, UNSEEN) for name, task in TASKS.items()},
}
"""Kinds of episodes, by the name of their scenes."""

_SENTENCE_STREAM = 1


def lay_out(name: str, seed: int, rng: np.random.Generator) -> Scene:
    """The scene of an episode; what `make_scene` calls."""
    task, variation = EPISODES[name]
    return task.lay_out(name, seed, rng, variation)


def make_task(name: str, seed: int) -> Task:
    """The episode of a seed: the scene of that name and seed, and a sentence that fits it.

    Raises:
        ConfigError: for an unknown name or a negative seed.
    """
    from bridge_ros.sim.scenes import make_scene

    if name not in EPISODES:
        raise ConfigError(f"task: expected one of {list(EPISODES)}, got {name!r}")
    task, variation = EPISODES[name]
    rng = np.random.default_rng([seed, _SENTENCE_STREAM])
    return task(make_scene(name, seed), rng, variation)
