"""What the layouts of all tasks share: what varies how far, and what is drawn from that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.geometry.poses import FloatArray, look_at
from bridge_ros.sim.objects.sim_object import SimObject
from bridge_ros.sim.scenes.placement import upright
from bridge_ros.sim.scenes.scene import Lighting

CUBE_COLOURS = ("red", "green", "blue", "yellow", "purple")
_TOY_SIZES_M: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "toy": ((0.074, 0.046, 0.056), (0.074, 0.046, 0.056)),
    "car": ((0.076, 0.036, 0.036), (0.094, 0.046, 0.046)),
    "duck": ((0.070, 0.044, 0.058), (0.084, 0.052, 0.068)),
    "boat": ((0.080, 0.038, 0.050), (0.096, 0.046, 0.060)),
}
"""Smallest and largest bounding box of each kind of toy."""


@dataclass(frozen=True, kw_only=True)
class Variation:
    """What a kind of episodes is drawn from.

    Attributes:
        cube_sizes_m: ranges of which each cube's edge is drawn from one.
        ranked_sizes_m: edges of the three cubes that are ranked, before a little variation.
        toys: kinds of toys.
        cup_scale: range of the cups' size.
        cabinet_scale: range of the cabinet's width and height.
        camera_min_m, camera_max_m: corners of the box in which the camera stands, base frame; with
            `camera_mirrored` on either side of the robot's x axis.
    """

    cube_sizes_m: tuple[tuple[float, float], ...]
    ranked_sizes_m: tuple[float, float, float]
    toys: tuple[str, ...]
    cup_scale: tuple[float, float]
    cabinet_scale: tuple[float, float]
    camera_min_m: tuple[float, float, float]
    camera_max_m: tuple[float, float, float]
    camera_mirrored: bool

    def cube_size(self, rng: np.random.Generator) -> float:
        """Edge of a cube [m]."""
        low, high = self.cube_sizes_m[rng.integers(len(self.cube_sizes_m))]
        return round(float(rng.uniform(low, high)), 4)

    def camera_pose(self, rng: np.random.Generator) -> FloatArray:
        """`(7,)` of the camera's optical frame in base; it looks at the middle of the table."""
        position = rng.uniform(self.camera_min_m, self.camera_max_m)
        if self.camera_mirrored and rng.random() < 0.5:
            position[1] *= -1.0
        return look_at(position, rng.uniform((0.43, -0.03, 0.0), (0.48, 0.03, 0.02)))


SEEN = Variation(
    cube_sizes_m=((0.036, 0.052),),
    ranked_sizes_m=(0.034, 0.042, 0.051),
    toys=("toy", "car", "duck"),
    cup_scale=(0.96, 1.04),
    cabinet_scale=(0.92, 1.08),
    camera_min_m=(1.12, -0.15, 0.62),
    camera_max_m=(1.26, 0.15, 0.78),
    camera_mirrored=False,
)
"""Near to what the expert is trained for, and to the live cell."""
UNSEEN = Variation(
    cube_sizes_m=((0.028, 0.034), (0.055, 0.062)),
    ranked_sizes_m=(0.029, 0.044, 0.058),
    toys=("boat",),
    cup_scale=(1.06, 1.11),
    cabinet_scale=(1.12, 1.22),
    camera_min_m=(0.88, 0.40, 0.84),
    camera_max_m=(1.02, 0.60, 1.00),
    camera_mirrored=True,
)
"""Sizes, a shape, heights and viewpoints that are left out of training."""


def cube(name: str, colour: str, size_m: float, at: FloatArray, yaw: float) -> SimObject:
    """A cube on the table."""
    return upright(name, colour, "cube", (size_m, size_m, size_m), at, yaw)


def toy(
    rng: np.random.Generator,
    variation: Variation,
    name: str,
    colour: str,
    at: FloatArray,
    yaw: float,
) -> SimObject:
    """A toy of any kind and size."""
    shape = str(rng.choice(variation.toys))
    low, high = _TOY_SIZES_M[shape]
    size_m = np.array(low) + (np.array(high) - low) * rng.uniform()
    return upright(name, colour, shape, size_m.round(4).tolist(), at, yaw)


def lighting(rng: np.random.Generator) -> Lighting:
    """From dim to bright, from cold to warm, from any side."""
    return Lighting.draw(rng, brightness=(0.36, 0.60), warmth=(-0.06, 0.08), ambient=(0.28, 0.42))
