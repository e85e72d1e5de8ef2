"""Scene `tabletop`: three or four coloured cubes, a toy elephant and an open basket."""

from __future__ import annotations

import numpy as np

from bridge_ros.sim.scenes.placement import CLEARANCE_M, TABLE, Region, strew, upright
from bridge_ros.sim.scenes.scene import Lighting, Scene

_BASKET_SIZE_M = (0.16, 0.16, 0.07)
_TOY_SIZE_M = (0.074, 0.046, 0.056)

_LEFT = Region(x_min=0.42, x_max=0.56, y_min=0.15, y_max=0.20)
_RIGHT = Region(x_min=0.42, x_max=0.56, y_min=-0.20, y_max=-0.15)

_BASKET_CLEARANCE_M = 0.135


def lay_out(name: str, seed: int, rng: np.random.Generator) -> Scene:
    """The scene of a seed: which cubes, how large, where, and under what light."""
    colours = ["red", "green", "blue", *(["yellow"] if rng.random() < 0.5 else [])]
    sizes_m = rng.uniform(0.040, 0.050, size=len(colours)).round(4)
    basket_region = _LEFT if rng.random() < 0.5 else _RIGHT
    count = len(colours) + 1
    positions = strew(
        rng,
        [basket_region, *[TABLE] * count],
        [_BASKET_CLEARANCE_M, *[CLEARANCE_M] * count],
    )
    yaws = rng.uniform(-np.pi, np.pi, size=count)
    basket_yaw = rng.uniform(-0.35, 0.35)
    objects = [
        upright("basket", "brown", "basket", _BASKET_SIZE_M, positions[0], basket_yaw),
        upright("toy", "purple", "toy", _TOY_SIZE_M, positions[1], yaws[0]),
    ]
    for colour, size_m, position, yaw in zip(
        colours, sizes_m.tolist(), positions[2:], yaws[1:], strict=True
    ):
        size = (size_m, size_m, size_m)
        objects.append(upright(f"{colour} cube", colour, "cube", size, position, yaw))
    return Scene(name=name, seed=seed, objects=tuple(objects), lighting=lighting(rng))


def lighting(rng: np.random.Generator) -> Lighting:
    """The light of a seed: how bright, how warm, from where."""
    return Lighting.draw(rng, brightness=(0.46, 0.60), warmth=(-0.04, 0.06), ambient=(0.30, 0.40))
