"""Task 5: set three cubes in a row, by size or by colour as the sentence says."""

from __future__ import annotations

import numpy as np

from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import CLEARANCE_M, Region, strew
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import in_row, on_table
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import Transfer, next_transfer_stage
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_STREWN = Region(x_min=0.35, x_max=0.47, y_min=-0.22, y_max=0.22)
_DROP_M = 0.003
_SPACING_M = 0.085
_SLOT_TOLERANCE_M = (0.025, 0.035)
"""In x and y; a cube that lies further from its place is taken again."""
_STREWN_DEPTH_M = 0.05
"""In x; cubes that are strewn within less might be a row by chance."""
_BY_SIZE = (
    "rank the cubes from small to large, from left to right",
    "arrange the cubes by size in a row, the smallest on the left",
    "line up the cubes from the smallest on the left to the largest on the right",
)
_BY_SIZE_DOWN = (
    "rank the cubes from large to small, from left to right",
    "arrange the cubes by size in a row, the largest on the left",
)
_BY_COLOUR = (
    "rank the cubes by colour from left to right: {0}, {1}, {2}",
    "arrange the cubes in a row from left to right: {0}, {1}, {2}",
    "line up the {0}, the {1} and the {2} cube from left to right",
)


class RankCubes(Task):
    """Success: the cubes lie in a row in the asked order, left to right as the camera sees them.

    A row: along base y within 5 cm in x, neighbours at most 15 cm apart, all on the table.
    """

    name = "rank_cubes"
    title = "Rank Cubes"
    horizon = "long"
    max_stages = 11

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """Three cubes of clearly different sizes on the robot's half of the table."""
        places = strew(rng, [_STREWN] * 3, [CLEARANCE_M] * 3)
        while np.ptp(places[:, 0]) < _STREWN_DEPTH_M:
            places = strew(rng, [_STREWN] * 3, [CLEARANCE_M] * 3)
        colours = rng.permutation(layout.CUBE_COLOURS)
        sizes = rng.permutation(variation.ranked_sizes_m) + rng.uniform(-0.0015, 0.0015, size=3)
        cubes = tuple(
            layout.cube(
                f"{colour} cube",
                str(colour),
                round(float(size), 4),
                place,
                float(rng.uniform(-np.pi, np.pi)),
            )
            for place, colour, size in zip(places, colours, sizes, strict=False)
        )
        return Scene(name=name, seed=seed, objects=cubes, lighting=layout.lighting(rng))

    def describe(self, rng: np.random.Generator) -> str:
        """By size, either way, or in a random order of colours."""
        cubes = list(self.scene.objects)
        # Hardly ever the very same place, but one that a planner can know of.
        self._row_x = float(rng.uniform(0.58, 0.60))
        self._row_y = float(rng.uniform(-0.01, 0.01))
        kind = rng.integers(4)
        if kind < 2:
            sentences = _BY_SIZE if kind == 0 else _BY_SIZE_DOWN
            cubes.sort(key=lambda thing: thing.size_m[0], reverse=bool(kind == 1))
        else:
            sentences = _BY_COLOUR
            rng.shuffle(cubes)
        self._order = [thing.name for thing in cubes]
        colours = [thing.colour for thing in cubes]
        return sentences[rng.integers(len(sentences))].format(*colours)

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        cubes = [self.scene.object(name) for name in self._order]
        row = in_row(cubes, state.poses)
        return row.success and all(state.released(name) for name in self._order)

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """One cube after the other to the camera's half of the table, each beside the last one."""
        transfers = []
        slot = np.array([self._row_x, self._row_y - _SPACING_M])
        for i, name in enumerate(self._order):
            half = self.scene.object(name).size_m[2] / 2
            position = state.position(name)
            off = np.abs(position[:2] - slot)
            lies = on_table(self.scene.object(name), state.poses)
            done = bool((off < _SLOT_TOLERANCE_M).all()) and lies
            transfers.append(
                Transfer(
                    name=name,
                    place=np.array([*slot, half + _DROP_M]),
                    yaw_rad=0.0,
                    done=done and state.released(name),
                    goal=f"to place {i + 1} of the row",
                )
            )
            # Where a cube lies rather than where it should: the row goes on from there.
            row_x = (slot[0] + position[0]) / 2 if done else slot[0]
            slot = np.array([row_x, (position[1] if done else slot[1]) + _SPACING_M])
        if self.succeeded(state):
            transfers = []
        return next_transfer_stage(state, transfers)
