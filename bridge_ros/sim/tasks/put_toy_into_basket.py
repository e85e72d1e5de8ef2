"""Task 4: put a toy into the basket."""

from __future__ import annotations

import numpy as np

from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import CLEARANCE_M, TABLE, Region, strew, upright
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import inside
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import Transfer, next_transfer_stage
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_BASKET = "basket"
_BASKET_CLEARANCE_M = 0.135
_ABOVE_RIM_M = 0.015
_SENTENCES = (
    "put the {toy} into the basket",
    "drop the {toy} in the basket",
    "place the {toy} inside the basket",
    "pick up the {toy} and put it into the basket",
)


class PutToyIntoBasket(Task):
    """Success: the toy's middle is inside the basket's walls, below its rim, and let go of."""

    name = "put_toy_into_basket"
    title = "Put Toy into Basket"
    horizon = "middle"
    max_stages = 7

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """A basket at one side, a toy, and up to two cubes."""
        side = 1.0 if rng.random() < 0.5 else -1.0
        y = sorted((side * 0.14, side * 0.20))
        region = Region(x_min=0.42, x_max=0.56, y_min=y[0], y_max=y[1])
        cubes = int(rng.integers(0, 3))
        count = 1 + cubes
        places = strew(
            rng,
            [region, *[TABLE] * count],
            [_BASKET_CLEARANCE_M, *[CLEARANCE_M] * count],
        )
        width, height = rng.uniform(0.14, 0.17), rng.uniform(0.055, 0.080)
        size_m = (round(float(width), 4), round(float(width), 4), round(float(height), 4))
        turn = float(rng.uniform(-0.35, 0.35))
        objects = [upright(_BASKET, "brown", "basket", size_m, places[0], turn)]
        colours = [str(colour) for colour in rng.permutation(layout.CUBE_COLOURS)]
        yaws = rng.uniform(-np.pi, np.pi, size=count)
        objects.append(
            layout.toy(rng, variation, f"{colours[0]} toy", colours[0], places[1], yaws[0])
        )
        for i in range(1, count):
            size = variation.cube_size(rng)
            name_i = f"{colours[i]} cube"
            objects.append(layout.cube(name_i, colours[i], size, places[1 + i], yaws[i]))
        lighting = layout.lighting(rng)
        return Scene(name=name, seed=seed, objects=tuple(objects), lighting=lighting)

    def describe(self, rng: np.random.Generator) -> str:
        """There is one toy; its colour may be said."""
        self._toy = self.scene.objects[1].name
        toy = self._toy if rng.random() < 0.5 else "toy"
        return _SENTENCES[rng.integers(len(_SENTENCES))].format(toy=toy)

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        toy, basket = self.scene.object(self._toy), self.scene.object(_BASKET)
        return inside(toy, basket, state.poses).success and state.released(self._toy)

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """Grasp, carry over the rim, let go, retreat."""
        basket, toy = self.scene.object(_BASKET), self.scene.object(self._toy)
        rim = basket.size_m[2] / 2 + toy.size_m[2] / 2 + _ABOVE_RIM_M
        transfer = Transfer(
            name=self._toy,
            place=state.position(_BASKET) + [0.0, 0.0, rim],
            done=self.succeeded(state),
            goal="into the basket",
            onto=_BASKET,
        )
        return next_transfer_stage(state, [transfer])
