"""Task 6: nest cups, the smaller into the larger."""

from __future__ import annotations

import numpy as np

from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import Region, strew, upright
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import nested
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import Transfer, next_transfer_stage
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_STREWN = Region(x_min=0.38, x_max=0.60, y_min=-0.22, y_max=0.22)
_CLEARANCE_M = 0.066
_INSERTED_M = 0.022
"""How deep a cup is inside the next one when it is let go of; it falls the rest of the way."""
_SENTENCES = (
    "stack the cups",
    "nest the cups into each other",
    "put the smaller cups into the larger ones",
    "stack the cups from large to small",
)


class StackCups(Task):
    """Success: every cup stands in the next larger one, and is let go of."""

    name = "stack_cups"
    title = "Stack Cups"
    horizon = "long"
    max_stages = 9

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """Three cups of different colours; diameters shrink by a fifth or so from cup to cup."""
        places = strew(rng, [_STREWN] * 3, [_CLEARANCE_M] * 3)
        colours = rng.permutation(layout.CUBE_COLOURS)
        scale = rng.uniform(*variation.cup_scale)
        diameters = scale * (np.array([0.086, 0.068, 0.051]) + rng.uniform(-0.001, 0.001, size=3))
        heights = rng.uniform(0.060, 0.070) - np.array([0.0, 0.003, 0.006])
        cups = tuple(
            upright(
                f"{colour} cup",
                str(colour),
                "cup",
                (round(float(across), 4), round(float(across), 4), round(float(height), 4)),
                place,
                float(rng.uniform(-np.pi, np.pi)),
            )
            for place, colour, across, height in zip(
                places, colours, diameters, heights, strict=False
            )
        )
        return Scene(name=name, seed=seed, objects=cups, lighting=layout.lighting(rng))

    def describe(self, rng: np.random.Generator) -> str:
        """All of them, the largest at the bottom."""
        self._order = [thing.name for thing in self.scene.objects]
        return _SENTENCES[rng.integers(len(_SENTENCES))]

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        pairs = zip(self._order[1:], self._order[:-1], strict=True)
        return all(self._nested(state, inner, outer) for inner, outer in pairs)

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """The middle cup into the large one, then the small one into the middle one."""
        transfers = []
        for inner, outer in zip(self._order[1:], self._order[:-1], strict=True):
            rim = self.scene.object(outer).size_m[2] / 2
            foot = self.scene.object(inner).size_m[2] / 2
            transfers.append(
                Transfer(
                    name=inner,
                    place=state.position(outer) + [0.0, 0.0, rim + foot - _INSERTED_M],
                    done=self._nested(state, inner, outer),
                    goal=f"into the {outer}",
                    onto=outer,
                )
            )
        return next_transfer_stage(state, transfers)

    def _nested(self, state: PrivilegedState, inner: str, outer: str) -> bool:
        stands = nested(self.scene.object(inner), self.scene.object(outer), state.poses)
        return stands.success and state.released(inner)
