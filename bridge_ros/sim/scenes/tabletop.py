"""Scene `tabletop`: three or four coloured cubes, a toy elephant and an open basket."""

from __future__ import annotations

import numpy as np

from bridge_ros.sim.objects.sim_object import SimObject
from bridge_ros.sim.scenes.scene import Lighting, Region, Scene, strew

_BASKET_SIZE_M = (0.16, 0.16, 0.07)
_TOY_SIZE_M = (0.074, 0.046, 0.056)

_STREWN = Region(x_min=0.37, x_max=0.62, y_min=-0.24, y_max=0.24)
_LEFT = Region(x_min=0.42, x_max=0.56, y_min=0.15, y_max=0.20)
_RIGHT = Region(x_min=0.42, x_max=0.56, y_min=-0.20, y_max=-0.15)

# An open gripper reaches 62 mm to each side along its opening and 11 mm across; so much room is
# left round every cube that it gets in between whichever way the cube is turned.
_OBJECT_CLEARANCE_M = 0.056
_BASKET_CLEARANCE_M = 0.135


def lay_out(name: str, seed: int, rng: np.random.Generator) -> Scene:
    """The scene of a seed: which cubes, how large, where, and under what light."""
    colours = ["red", "green", "blue", *(["yellow"] if rng.random() < 0.5 else [])]
    sizes_m = rng.uniform(0.040, 0.050, size=len(colours)).round(4)
    basket_region = _LEFT if rng.random() < 0.5 else _RIGHT
    count = len(colours) + 1
    positions = strew(
        rng,
        [basket_region, *[_STREWN] * count],
        [_BASKET_CLEARANCE_M, *[_OBJECT_CLEARANCE_M] * count],
    )
    yaws = rng.uniform(-np.pi, np.pi, size=count)
    basket_yaw = rng.uniform(-0.35, 0.35)
    objects = [
        _upright("basket", "brown", "basket", _BASKET_SIZE_M, positions[0], basket_yaw),
        _upright("toy", "purple", "toy", _TOY_SIZE_M, positions[1], yaws[0]),
    ]
    for colour, size_m, position, yaw in zip(
        colours, sizes_m.tolist(), positions[2:], yaws[1:], strict=True
    ):
        size = (size_m, size_m, size_m)
        objects.append(_upright(f"{colour} cube", colour, "cube", size, position, yaw))
    return Scene(name=name, seed=seed, objects=tuple(objects), lighting=lighting(rng))


def _upright(
    name: str,
    colour: str,
    shape: str,
    size_m: tuple[float, float, float],
    position: np.ndarray,
    yaw: float,
) -> SimObject:
    pose = np.array(
        [*position, size_m[2] / 2, 0.0, 0.0, np.sin(yaw / 2), np.cos(yaw / 2)], dtype=np.float64
    )
    return SimObject(name=name, colour=colour, shape=shape, size_m=size_m, pose=pose)


def lighting(rng: np.random.Generator) -> Lighting:
    """The light of a seed: how bright, how warm, from where."""
    brightness = rng.uniform(0.46, 0.60)
    warmth = rng.uniform(-0.04, 0.06)
    return Lighting(
        key_position=(rng.uniform(0.0, 1.0), rng.uniform(-1.2, 1.2), rng.uniform(1.6, 2.2)),
        key_rgb=(brightness * (1 + warmth), brightness, brightness * (1 - warmth)),
        ambient=rng.uniform(0.30, 0.40),
    )
