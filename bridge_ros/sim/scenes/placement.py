"""How the objects of a scene are placed: upright, and strewn over regions without overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.sim.objects.sim_object import SimObject


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


TABLE = Region(x_min=0.37, x_max=0.62, y_min=-0.24, y_max=0.24)
"""Where objects are strewn."""
CLEARANCE_M = 0.056
"""Half of what an open gripper needs between two objects, whichever way they are turned: it reaches
62 mm to each side along its opening and 11 mm across."""


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


def upright(
    name: str, colour: str, shape: str, size_m: Sequence[float], at: FloatArray, yaw: float
) -> SimObject:
    """An object that stands on the table at `(x, y)`."""
    x, y, z = map(float, size_m)
    pose = np.array([*at[:2], z / 2, 0.0, 0.0, np.sin(yaw / 2), np.cos(yaw / 2)], dtype=np.float64)
    return SimObject(name=name, colour=colour, shape=shape, size_m=(x, y, z), pose=pose)
