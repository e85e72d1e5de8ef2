"""Toys for the table: an elephant of one size, a car, a duck and a boat of any."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from bridge_ros.sim.objects.mjcf import Rgb, Size, numbers, shade, solid, visual

_DENSITY_KG_M3 = 420.0
_EYE: Rgb = (1.0, 1.0, 1.0)
_PUPIL: Rgb = (0.03, 0.03, 0.03)
_BLACK: Rgb = (0.07, 0.07, 0.08)
_ORANGE: Rgb = (0.93, 0.48, 0.06)


def build_elephant(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """An elephant, 74 x 46 x 56 mm, with a barrel that flat fingers hold well; always that size."""
    skin, dark = rgb, shade(rgb, 0.6)
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
        visual(body, _EYE, **eye)
        visual(body, _PUPIL, **pupil)
    visual(body, skin, type="capsule", size="0.0042", fromto="0.034 0 0.006 0.0385 0 -0.010")
    visual(body, skin, type="capsule", size="0.0036", fromto="0.0385 0 -0.010 0.0375 0 -0.021")


def build_car(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """A car: a chassis, a cabin, four wheels."""
    x, y, z = np.array(size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    chassis = {"size": numbers((x, 0.92 * y, 0.42 * z)), "pos": numbers((0, 0, -0.25 * z))}
    cabin = {"size": numbers((0.5 * x, 0.8 * y, 0.42 * z)), "pos": numbers((-0.1 * x, 0, 0.58 * z))}
    solid(body, rgb, type="box", **chassis, **density)
    solid(body, shade(rgb, 0.75), type="box", **cabin, **density)
    wheel = {"type": "cylinder", "size": numbers((0.5 * z, 0.1 * y)), "euler": "1.5708 0 0"}
    for along in (-0.6, 0.6):
        for side in (-0.9, 0.9):
            position = numbers((along * x, side * y, -0.5 * z))
            solid(body, _BLACK, pos=position, **wheel, **density)


def build_duck(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """A duck: a round body on a flat foot, a head with a bill."""
    x, y, z = np.array(size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    trunk = {"size": numbers((0.85 * x, y, 0.72 * z)), "pos": numbers((-0.15 * x, 0, -0.26 * z))}
    foot = {
        "size": numbers((0.6 * x, 0.65 * y, 0.14 * z)),
        "pos": numbers((-0.15 * x, 0, -0.86 * z)),
    }
    head = {"size": numbers((0.36 * z,)), "pos": numbers((0.45 * x, 0, 0.64 * z))}
    solid(body, rgb, type="ellipsoid", **trunk, **density)
    solid(body, shade(rgb, 0.85), type="box", **foot, **density)
    solid(body, rgb, type="sphere", **head, **density)
    bill = {"size": numbers((0.22 * x, 0.3 * y, 0.08 * z)), "pos": numbers((0.85 * x, 0, 0.6 * z))}
    visual(body, _ORANGE, type="ellipsoid", **bill)
    for side in (-0.25, 0.25):
        eye = {
            "size": numbers((0.06 * z,)),
            "pos": numbers((0.45 * x + 0.3 * z, side * y, 0.76 * z)),
        }
        visual(body, _BLACK, type="sphere", **eye)


def build_boat(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """A tug: a hull with a bow, a wheelhouse, a funnel."""
    x, y, z = np.array(size_m) / 2
    density = {"density": str(_DENSITY_KG_M3)}
    hull = {"size": numbers((0.7 * x, y, 0.5 * z)), "pos": numbers((-0.3 * x, 0, -0.5 * z))}
    bow = {"size": numbers((y, 0.5 * z)), "pos": numbers((x - y, 0, -0.5 * z))}
    house = {"size": numbers((0.35 * x, 0.7 * y, 0.3 * z)), "pos": numbers((-0.2 * x, 0, 0.3 * z))}
    funnel = {"size": numbers((0.25 * y, 0.2 * z)), "pos": numbers((-0.3 * x, 0, 0.8 * z))}
    solid(body, rgb, type="box", **hull, **density)
    solid(body, rgb, type="cylinder", **bow, **density)
    solid(body, (0.92, 0.92, 0.90), type="box", **house, **density)
    solid(body, _BLACK, type="cylinder", **funnel, **density)
