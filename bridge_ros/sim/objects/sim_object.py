"""The free things on the simulated table: their names, sizes and MJCF bodies."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.sim.objects.basket import build_basket
from bridge_ros.sim.objects.cups import build_cup
from bridge_ros.sim.objects.mjcf import Rgb, Size, solid
from bridge_ros.sim.objects.toys import build_boat, build_car, build_duck, build_elephant

PALETTE: dict[str, Rgb] = {
    "red": (0.76, 0.07, 0.07),
    "green": (0.07, 0.50, 0.16),
    "blue": (0.06, 0.23, 0.72),
    "yellow": (0.93, 0.74, 0.05),
    "purple": (0.43, 0.18, 0.60),
    "brown": (0.62, 0.47, 0.31),
}
"""Colours of objects, by the word that a sentence uses for them."""

_WOOD_DENSITY_KG_M3 = 550.0


@dataclass(frozen=True, kw_only=True)
class SimObject:
    """One free object of a scene, and where it starts.

    Attributes:
        name: unique, as a person would say it: "red cube", "toy", "basket".
        colour: a word of `PALETTE`.
        shape: "cube", "basket", "cup", or a kind of toy: "toy" (elephant), "car", "duck", "boat".
        size_m: `(x, y, z)` extents of its bounding box in its own frame.
        pose: `(7,)` initial pose of its frame (the bounding box's centre), base frame.
    """

    name: str
    colour: str
    shape: str
    size_m: Size
    pose: FloatArray

    def __post_init__(self) -> None:
        if self.shape not in _SHAPES:
            raise ConfigError(
                f"object {self.name!r}: expected a shape of {[*_SHAPES]}, got {self.shape!r}"
            )
        if self.colour not in PALETTE:
            raise ConfigError(
                f"object {self.name!r}: expected a colour of {[*PALETTE]}, got {self.colour!r}"
            )

    @property
    def rgb(self) -> Rgb:
        """Its main colour, 0 to 1."""
        return PALETTE[self.colour]

    def to_mjcf(self) -> ET.Element:
        """Its body, with a free joint and geoms, at its initial pose."""
        x, y, z, qx, qy, qz, qw = self.pose
        body = ET.Element("body", name=self.name, pos=f"{x} {y} {z}", quat=f"{qw} {qx} {qy} {qz}")
        ET.SubElement(body, "freejoint", name=self.name)
        _SHAPES[self.shape](body, self.rgb, self.size_m)
        return body


def _build_cube(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    half = " ".join(f"{extent / 2:.5f}" for extent in size_m)
    solid(body, rgb, type="box", size=half, density=str(_WOOD_DENSITY_KG_M3))


_SHAPES: dict[str, Callable[[ET.Element, Rgb, Size], None]] = {
    "cube": _build_cube,
    "basket": build_basket,
    "cup": build_cup,
    "toy": build_elephant,
    "car": build_car,
    "duck": build_duck,
    "boat": build_boat,
}
