"""Box: where something may be, between two corners."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bridge_ros.errors import ConfigError

Corner = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Box:
    """A box along the axes of the base frame; its faces belong to it.

    Attributes:
        min_m, max_m: opposite corners [m]; may be infinite.

    Raises:
        ConfigError: if one corner does not lie below the other in x, y and z.
    """

    min_m: Corner
    max_m: Corner

    def __post_init__(self) -> None:
        if len(self.min_m) != 3 or len(self.max_m) != 3:
            raise ConfigError(
                f"corners: expected 3 numbers each, got {self.min_m} and {self.max_m}"
            )
        if not all(low < high for low, high in zip(self.min_m, self.max_m, strict=True)):
            raise ConfigError(
                f"corners: expected min below max in x, y and z, got {self.min_m} and {self.max_m}"
            )

    def __str__(self) -> str:
        return " x ".join(
            f"[{low:g}, {high:g}]" for low, high in zip(self.min_m, self.max_m, strict=True)
        )

    def contains(self, point: ArrayLike) -> bool:
        """Whether a point `(3,)` [m] is in it; one that is not a number is not."""
        x, y, z = np.asarray(point, dtype=np.float64).tolist()
        return all(
            low <= value <= high
            for low, value, high in zip(self.min_m, (x, y, z), self.max_m, strict=True)
        )

    def check_within(self, outer: Box, *, name: str, outer_name: str) -> None:
        """Refuse a box that reaches out of another one.

        Args:
            name, outer_name: what the two are, and where they stand, for the message.

        Raises:
            ConfigError: naming both, and what they are.
        """
        if not (outer.contains(self.min_m) and outer.contains(self.max_m)):
            raise ConfigError(
                f"{name}: expected a box within {outer} m, which is {outer_name}, got {self} m"
            )


ANYWHERE = Box(min_m=(-math.inf, -math.inf, -math.inf), max_m=(math.inf, math.inf, math.inf))
