"""Stacking cups: open frusta that nest, built from flat staves so that MuJoCo can collide them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.sim.objects.mjcf import Rgb, Size, numbers, quaternion, shade, solid, visual

FOOT_SHARE = 0.80
"""Radius of a cup's foot, as a share of that of its rim."""
WALL_M = 0.004
_STAVES = 12
_MASS_KG_M2 = 2.2
"""Mass a surface: 4 mm of light plastic with a little air in it."""
_SLIPPERY = {"friction": "0.45 0.005 0.0005"}


def build_cup(body: ET.Element, rgb: Rgb, size_m: Size) -> None:
    """A cup standing on its foot; its size is its rim's diameter (twice) and its height."""
    rim, height = size_m[0] / 2, size_m[2]
    foot = FOOT_SHARE * rim
    tilt = np.arctan2(rim - foot, height)
    mass = _MASS_KG_M2 * np.pi * (rim + foot) * height
    sideways = mass * (rim**2 / 2 + height**2 / 12)
    ET.SubElement(
        body,
        "inertial",
        mass=f"{mass:.5f}",
        pos=numbers((0.0, 0.0, -0.08 * height)),
        diaginertia=" ".join(f"{value:.3e}" for value in (sideways, sideways, mass * rim**2)),
    )
    middle = (rim + foot) / 2 - WALL_M / 2
    half_width = rim * np.tan(np.pi / _STAVES)
    stave = {"type": "box", **_SLIPPERY}
    stave["size"] = numbers((WALL_M / 2, half_width, height / 2 / np.cos(tilt)))
    for i in range(_STAVES):
        angle = 2 * np.pi * i / _STAVES
        turned = Rotation.from_euler("z", angle) * Rotation.from_euler("y", tilt)
        position = numbers((middle * np.cos(angle), middle * np.sin(angle), 0.0))
        solid(body, rgb, pos=position, quat=quaternion(turned), **stave)
    floor = {"type": "cylinder", **_SLIPPERY}
    floor["size"] = numbers((foot - WALL_M / 2, WALL_M / 2))
    dark = shade(rgb, 0.8)
    solid(body, dark, pos=numbers((0.0, 0.0, WALL_M / 2 - height / 2)), **floor)
    for i in range(_STAVES):
        angle = 2 * np.pi * i / _STAVES
        ends = [
            (rim - WALL_M / 2) * np.array([np.cos(a), np.sin(a)])
            for a in (angle - np.pi / _STAVES, angle + np.pi / _STAVES)
        ]
        z = height / 2 - 0.002
        fromto = numbers((*ends[0], z, *ends[1], z))
        visual(body, dark, type="capsule", size="0.0024", fromto=fromto)
