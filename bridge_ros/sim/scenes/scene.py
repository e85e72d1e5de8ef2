"""What a scene is made of: its objects and its light; and how things are strewn without overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, kw_only=True)
class Region:
    """A rectangle on the table, base frame [m]."""

    x_min: float
    x_max: float
    y_min: float
    y_max: float

    def sample(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """A point `(2,)` in it."""
        return rng.uniform([self.x_min, self.y_min], [self.x_max, self.y_max])


def strew(
    rng: np.random.Generator, regions: list[Region], clearances_m: list[float]
) -> NDArray[np.float64]:
    """Points `(N, 2)`, one a region, of which any two are apart by the sum of their clearances.

    Raises:
        ConfigError: if the regions are too small for that.
    """
    for _ in range(400):
        points: list[NDArray[np.float64]] = []
        for region, clearance_m in zip(regions, clearances_m, strict=True):
            for _ in range(50):
                point = region.sample(rng)
                gaps = [
                    np.linalg.norm(point - other) - clearance_m - other_clearance_m
                    for other, other_clearance_m in zip(points, clearances_m, strict=False)
                ]
                if all(gap >= 0.0 for gap in gaps):
                    points.append(point)
                    break
            else:
                break
        else:
            return np.array(points)
    raise ConfigError(
        f"scene: expected regions with room for {len(regions)} objects, "
        f"got {regions} for clearances {clearances_m} m"
    )
