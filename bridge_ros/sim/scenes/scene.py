"""What a scene is made of: its objects, its furniture and its light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.sim.objects.furniture import Furniture
from bridge_ros.sim.objects.held_board import HeldBoard
from bridge_ros.sim.objects.sim_object import SimObject


@dataclass(frozen=True, kw_only=True)
class Lighting:
    """The light of a cell: one main lamp and what comes from everywhere.

    Attributes:
        key_position: `(3,)` of the main lamp, base frame [m]; it shines at the table's middle.
        key_rgb: its colour and strength, 0 to 1.
        ambient: strength of the undirected light, 0 to 1.
    """

    key_position: tuple[float, float, float]
    key_rgb: tuple[float, float, float]
    ambient: float

    @classmethod
    def draw(
        cls,
        rng: np.random.Generator,
        *,
        brightness: tuple[float, float],
        warmth: tuple[float, float],
        ambient: tuple[float, float],
    ) -> Lighting:
        """A light from any side; its strengths and its warmth (red over blue) from these ranges."""
        bright, warm = rng.uniform(*brightness), rng.uniform(*warmth)
        return cls(
            key_position=(rng.uniform(0.0, 1.0), rng.uniform(-1.2, 1.2), rng.uniform(1.6, 2.2)),
            key_rgb=(bright * (1 + warm), bright, bright * (1 - warm)),
            ambient=rng.uniform(*ambient),
        )


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A laid-out scene; all of it follows from its name and its seed."""

    name: str
    seed: int
    objects: tuple[SimObject, ...]
    lighting: Lighting
    furniture: tuple[Furniture, ...] = ()
    held_board: HeldBoard | None = None

    def object(self, name: str) -> SimObject:
        """The object of that name. Raises ConfigError, naming those that exist."""
        for candidate in self.objects:
            if candidate.name == name:
                return candidate
        names = [candidate.name for candidate in self.objects]
        raise ConfigError(f"object: expected one of {names}, got {name!r}")
