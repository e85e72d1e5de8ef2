"""Task 3: put one cube on top of another."""

from __future__ import annotations

import numpy as np

from bridge_ros.geometry.poses import position_of, rotation_of
from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import CLEARANCE_M, TABLE, strew
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import on_top
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import Transfer, next_transfer_stage
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_DROP_M = 0.004
_SENTENCES = (
    "stack the {top} on the {base}",
    "put the {top} on top of the {base}",
    "place the {top} onto the {base}",
    "pick up the {top} and put it on the {base}",
)


class StackCubes(Task):
    """Success: the one cube rests on the other, its middle over it, and is let go of."""

    name = "stack_cubes"
    title = "Stack Cubes"
    horizon = "middle"
    max_stages = 7

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """Two to four cubes; the first two are the ones to be stacked."""
        count = int(rng.integers(2, 5))
        places = strew(rng, [TABLE] * count, [CLEARANCE_M] * count)
        colours = rng.permutation(layout.CUBE_COLOURS)
        cubes = tuple(
            layout.cube(
                f"{colour} cube",
                str(colour),
                variation.cube_size(rng),
                place,
                float(rng.uniform(-np.pi, np.pi)),
            )
            for place, colour in zip(places, colours, strict=False)
        )
        return Scene(name=name, seed=seed, objects=cubes, lighting=layout.lighting(rng))

    def describe(self, rng: np.random.Generator) -> str:
        """The first on the second."""
        self._top, self._base = (thing.name for thing in self.scene.objects[:2])
        return _SENTENCES[rng.integers(len(_SENTENCES))].format(top=self._top, base=self._base)

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        top, base = self.scene.object(self._top), self.scene.object(self._base)
        return on_top(top, base, state.poses).success and state.released(self._top)

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """Grasp, place, retreat."""
        base = state.pose(self._base)
        x, y, _ = rotation_of(base).apply([1.0, 0.0, 0.0])
        place = position_of(base) + [0.0, 0.0, self._distance() + _DROP_M]
        transfer = Transfer(
            name=self._top,
            place=place,
            yaw_rad=float(np.arctan2(y, x)),
            done=self.succeeded(state),
            goal=f"on the {self._base}",
            onto=self._base,
        )
        return next_transfer_stage(state, [transfer])

    def _distance(self) -> float:
        sizes = [self.scene.object(name).size_m[2] for name in (self._top, self._base)]
        return sum(sizes) / 2
