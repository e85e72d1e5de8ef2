"""The free things on the simulated table: their names, sizes and MJCF bodies."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.sim.cups import build_cup
from bridge_ros.sim.mjcf import Rgb, shade, solid, visual
from bridge_ros.sim.toys import TOYS

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
_WHITE: Rgb = (1.0, 1.0, 1.0)
_BLACK: Rgb = (0.03, 0.03, 0.03)


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
    size_m: tuple[float, float, float]
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
        _SHAPES[self.shape](body, self)
        return body


def _cube(body: ET.Element, cube: SimObject) -> None:
    half = " ".join(f"{extent / 2:.5f}" for extent in cube.size_m)
    solid(body, cube.rgb, type="box", size=half, density=str(_WOOD_DENSITY_KG_M3))


def _toy(body: ET.Element, toy: SimObject) -> None:
    """An elephant, 74 x 46 x 56 mm, with a barrel that flat fingers hold well; always that size."""
    skin, dark = toy.rgb, shade(toy.rgb, 0.6)
    ET.SubElement(
        body, "inertial", mass="0.06", pos="0 0 -0.002", diaginertia="2.2e-5 3.0e-5 3.0e-5"
    )
    solid(body, skin, type="capsule", size="0.021 0.009", pos="-0.008 0 0.004", euler="0 1.5708 0")
    for x in (-0.022, 0.006):
        for y in (-0.0125, 0.0125):
            solid(body, skin, type="capsule", size="0.0075 0.006", pos=f"{x} {y} -0.0145")
    solid(body, skin, type="sphere", size="0.0165", pos="0.0205 0 0.0115")
    for side in (-1, 1):
        ear = {"size": "0.003 0.0095 0.0115", "pos": f"0.0145 {side * 0.0145} 0.0135"}
        visual(body, dark, type="ellipsoid", euler=f"0 0 {side * -0.5}", **ear)
        eye = {"type": "sphere", "size": "0.0036", "pos": f"0.0335 {side * 0.0075} 0.0155"}
        pupil = {"type": "sphere", "size": "0.0020", "pos": f"0.0362 {side * 0.0082} 0.0160"}
        visual(body, _WHITE, **eye)
        visual(body, _BLACK, **pupil)
    visual(body, skin, type="capsule", size="0.0042", fromto="0.034 0 0.006 0.0385 0 -0.010")
    visual(body, skin, type="capsule", size="0.0036", fromto="0.0385 0 -0.010 0.0375 0 -0.021")


def _basket(body: ET.Element, basket: SimObject) -> None:
    """An open square basket of woven strips; its frame is the centre of its bounding box."""
    wall = 0.005
    x, y, z = (extent / 2 for extent in basket.size_m)
    half = z - 0.001  # The walls end above the floor's underside, which alone stands on the table.
    ET.SubElement(
        body, "inertial", mass="0.25", pos=f"0 0 {-z * 0.35:.4f}", diaginertia="9e-4 9e-4 1.4e-3"
    )
    rim = shade(basket.rgb, 0.72)
    floor = {"size": f"{x - wall} {y - wall} 0.002", "pos": f"0 0 {0.002 - z}"}
    solid(body, _WHITE, type="box", material="wicker", **floor)
    for side in (-1, 1):
        along_x = {"size": f"{x} {wall / 2} {half}", "pos": f"0 {side * (y - wall / 2)} {z - half}"}
        along_y = {
            "size": f"{y} {wall / 2} {half}",
            "pos": f"{side * (x - wall / 2)} 0 {z - half}",
            "euler": "0 0 1.5707963",
        }
        solid(body, _WHITE, type="box", material="wicker", **along_x)
        solid(body, _WHITE, type="box", material="wicker", **along_y)
        edge_x = f"{-x} {side * (y - wall / 2)} {z - 0.003} {x} {side * (y - wall / 2)} {z - 0.003}"
        edge_y = f"{side * (x - wall / 2)} {-y} {z - 0.003} {side * (x - wall / 2)} {y} {z - 0.003}"
        for edge in (edge_x, edge_y):
            visual(body, rim, type="capsule", size="0.0042", fromto=edge)


_SHAPES: dict[str, Callable[[ET.Element, SimObject], None]] = {
    "cube": _cube,
    "toy": _toy,
    "basket": _basket,
    "cup": build_cup,
    **TOYS,
}
