"""Task 1: pick up a certain toy among other things."""

from __future__ import annotations

import numpy as np

from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import CLEARANCE_M, TABLE, strew
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import lifted
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import grasp_stage, lift_stage, put_down_stage
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_SENTENCES = (
    "pick up the {toy}",
    "grab the {toy}",
    "please lift the {toy}",
    "take the {toy} from the table",
    "could you get the {toy}",
)


class PickUpToy(Task):
    """Success: the toy is in the fingers, 5 cm above where it lay."""

    name = "pick_up_toy"
    title = "Pick up Toy"
    horizon = "short"
    max_stages = 6

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """One or two toys of different colours among one to three cubes."""
        toys, cubes = int(rng.integers(1, 3)), int(rng.integers(1, 4))
        colours = [str(colour) for colour in rng.permutation(layout.CUBE_COLOURS)]
        count = toys + cubes
        places = strew(rng, [TABLE] * count, [CLEARANCE_M] * count)
        yaws = rng.uniform(-np.pi, np.pi, size=count)
        objects = []
        for i, colour in enumerate(colours[:count]):
            if i < toys:
                objects.append(
                    layout.toy(rng, variation, f"{colour} toy", colour, places[i], yaws[i])
                )
            else:
                size_m = variation.cube_size(rng)
                objects.append(layout.cube(f"{colour} cube", colour, size_m, places[i], yaws[i]))
        lighting = layout.lighting(rng)
        return Scene(name=name, seed=seed, objects=tuple(objects), lighting=lighting)

    def describe(self, rng: np.random.Generator) -> str:
        """The first toy; by its colour where there are two."""
        toys = [thing.name for thing in self.scene.objects if thing.name.endswith("toy")]
        self._target = toys[0]
        says_colour = len(toys) > 1 or rng.random() < 0.5
        sentence = _SENTENCES[rng.integers(len(_SENTENCES))]
        return sentence.format(toy=toys[0] if says_colour else "toy")

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        rise_m = state.position(self._target)[2] - self.scene.object(self._target).pose[2]
        held = state.fingers_touching(self._target) == 2
        return lifted(self._target, float(rise_m)).success and held

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """Grasp it, then lift it."""
        held = state.held
        if held == self._target:
            return lift_stage(state, self._target)
        return grasp_stage(state, self._target) if held is None else put_down_stage(state, held)
