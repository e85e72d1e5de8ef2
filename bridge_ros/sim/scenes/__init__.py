"""Scenes of the simulated cell: each a small file that lays out objects and light from a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.language.instructions import Command, Opening
from bridge_ros.language.parser import read_instruction
from bridge_ros.sim.scene import Scene
from bridge_ros.sim.scenes import calibration, tabletop
from bridge_ros.sim.tasks import EPISODES
from bridge_ros.sim.tasks import lay_out as lay_out_task

_LAYOUTS: dict[str, Callable[[str, int, np.random.Generator], Scene]] = {
    "tabletop": tabletop.lay_out,
    "calibration": calibration.lay_out,
    **dict.fromkeys(EPISODES, lay_out_task),
}


def scene_names() -> tuple[str, ...]:
    """The names that `make_scene` knows."""
    return tuple(_LAYOUTS)


def scene_for(sentence: str) -> str:
    """The scene that has what a sentence speaks of; the tabletop for one that cannot be read."""
    try:
        instruction = read_instruction(sentence)
    except PlanError:
        return "tabletop"
    if isinstance(instruction, Opening):
        return "open_drawer"
    if isinstance(instruction, Command):
        things = (instruction.target, instruction.reference)
        return "stack_cups" if any(one and one.shape == "cup" for one in things) else "tabletop"
    return "stack_cups" if instruction.shape == "cup" else "rank_cubes"


def make_scene(name: str, seed: int) -> Scene:
    """Lay out a scene; the same name and seed give the same scene on every machine.

    Raises:
        ConfigError: for an unknown name or a negative seed.
    """
    if name not in _LAYOUTS:
        raise ConfigError(f"scene: expected one of {list(_LAYOUTS)}, got {name!r}")
    if seed < 0:
        raise ConfigError(f"seed: expected a whole number from 0, got {seed}")
    return _LAYOUTS[name](name, seed, np.random.default_rng(seed))
