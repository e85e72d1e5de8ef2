"""More toys for the table: a car, a duck and a boat, each scaled to the size it is asked for."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.sim.mjcf import Rgb, numbers, shade, solid, visual

if TYPE_CHECKING:
    from bridge_ros.sim.objects import SimObject

_DENSITY_KG_M3 = 420.0
_BLACK: Rgb = (0.07, 0.07, 0.08)
_ORANGE: Rgb = (0.93, 0.48, 0.06)


def build_car(body: ET.Element, toy: SimObject) -> None:
    """A car: a chassis, a cabin, four wheels."""
    x, y, z = np.array(toy.size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    chassis = {"size": numbers((x, 0.92 * y, 0.42 * z)), "pos": numbers((0, 0, -0.25 * z))}
    cabin = {"size": numbers((0.5 * x, 0.8 * y, 0.42 * z)), "pos": numbers((-0.1 * x, 0, 0.58 * z))}
    solid(body, toy.rgb, type="box", **chassis, **density)
    solid(body, shade(toy.rgb, 0.75), type="box", **cabin, **density)
    wheel = {"type": "cylinder", "size": numbers((0.5 * z, 0.1 * y)), "euler": "1.5708 0 0"}
    for along in (-0.6, 0.6):
        for side in (-0.9, 0.9):
            position = numbers((along * x, side * y, -0.5 * z))
            solid(body, _BLACK, pos=position, **wheel, **density)


def build_duck(body: ET.Element, toy: SimObject) -> None:
    """A duck: a round body on a flat foot, a head with a bill."""
    x, y, z = np.array(toy.size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    trunk = {"size": numbers((0.85 * x, y, 0.72 * z)), "pos": numbers((-0.15 * x, 0, -0.26 * z))}
    foot = {
        "size": numbers((0.6 * x, 0.65 * y, 0.14 * z)),
        "pos": numbers((-0.15 * x, 0, -0.86 * z)),
    }
    head = {"size": numbers((0.36 * z,)), "pos": numbers((0.45 * x, 0, 0.64 * z))}
    solid(body, toy.rgb, type="ellipsoid", **trunk, **density)
    solid(body, shade(toy.rgb, 0.85), type="box", **foot, **density)
    solid(body, toy.rgb, type="sphere", **head, **density)
    bill = {"size": numbers((0.22 * x, 0.3 * y, 0.08 * z)), "pos": numbers((0.85 * x, 0, 0.6 * z))}
    visual(body, _ORANGE, type="ellipsoid", **bill)
    for side in (-0.25, 0.25):
        eye = {
            "size": numbers((0.06 * z,)),
            "pos": numbers((0.45 * x + 0.3 * z, side * y, 0.76 * z)),
        }
        visual(body, _BLACK, type="sphere", **eye)


def build_boat(body: ET.Element, toy: SimObject) -> None:
    """A tug: a hull with a bow, a wheelhouse, a funnel."""
    x, y, z = np.array(toy.size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    hull = {"size": numbers((0.7 * x, y, 0.5 * z)), "pos": numbers((-0.3 * x, 0, -0.5 * z))}
    bow = {"size": numbers((y, 0.5 * z)), "pos": numbers((x - y, 0, -0.5 * z))}
    house = {"size": numbers((0.35 * x, 0.7 * y, 0.3 * z)), "pos": numbers((-0.2 * x, 0, 0.3 * z))}
    funnel = {"size": numbers((0.25 * y, 0.2 * z)), "pos": numbers((-0.3 * x, 0, 0.8 * z))}
    solid(body, toy.rgb, type="box", **hull, **density)
    solid(body, toy.rgb, type="cylinder", **bow, **density)
    solid(body, (0.92, 0.92, 0.90), type="box", **house, **density)
    solid(body, _BLACK, type="cylinder", **funnel, **density)


TOYS: dict[str, Callable[[ET.Element, SimObject], None]] = {
    "car": build_car,
    "duck": build_duck,
    "boat": build_boat,
}
"""Builders by shape."""
