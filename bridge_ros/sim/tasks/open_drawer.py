"""Task 2: open the drawer of a cabinet by its handle."""

from __future__ import annotations

import numpy as np

from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of, transform_points
from bridge_ros.plan import BaseFramePlan, GripperAction
from bridge_ros.sim.objects.furniture import Cabinet
from bridge_ros.sim.objects.mjcf import Rgb
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.placement import CLEARANCE_M, Region, strew
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.success import opened
from bridge_ros.sim.tasks import layout
from bridge_ros.sim.tasks.keypoints import top_down
from bridge_ros.sim.tasks.layout import SEEN, Variation
from bridge_ros.sim.tasks.task import Task

_NAME = "drawer"
_PULL_M = 0.11
_APPROACH_WIDTH_M = 0.040
_COLOURS: tuple[Rgb, ...] = (
    (0.62, 0.55, 0.45),
    (0.40, 0.47, 0.55),
    (0.72, 0.71, 0.68),
    (0.45, 0.36, 0.28),
)
_SENTENCES = (
    "open the drawer",
    "pull the drawer open",
    "please open the drawer of the cabinet",
    "pull out the drawer by its handle",
)


class OpenDrawer(Task):
    """Success: the drawer is open by at least 8 cm."""

    name = "open_drawer"
    title = "Open Drawer"
    horizon = "short"
    max_stages = 6

    @staticmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """A cabinet at the table's left or right, its front to the middle, and a cube or two."""
        side = 1.0 if rng.random() < 0.5 else -1.0
        depth = rng.uniform(0.17, 0.20)
        width, height = (0.21, 0.135) * rng.uniform(*variation.cabinet_scale, size=2)
        size_m = (round(float(depth), 4), round(float(width), 4), round(float(height), 4))
        # The front faces the middle of the table, turned a little towards the camera.
        facing = -side * (np.pi / 2 - rng.uniform(-0.10, 0.50))
        front = np.array([rng.uniform(0.44, 0.56), side * rng.uniform(0.16, 0.20)])
        at = front - size_m[0] / 2 * np.array([np.cos(facing), np.sin(facing)])
        cabinet = Cabinet(
            name=_NAME,
            size_m=size_m,
            front_height_m=round(float(rng.uniform(0.065, 0.085)), 4),
            handle_width_m=round(float(rng.uniform(0.07, 0.12)), 4),
            handle_reach_m=round(float(rng.uniform(0.044, 0.052)), 4),
            travel_m=0.14,
            rgb=_COLOURS[rng.integers(len(_COLOURS))],
            pose=np.array([*at, 0.0, 0.0, 0.0, np.sin(facing / 2), np.cos(facing / 2)]),
        )
        count = int(rng.integers(0, 3))
        # Beyond the reach of the opened drawer.
        y = sorted((-side * 0.14, -side * 0.24))
        region = Region(x_min=0.37, x_max=0.62, y_min=y[0], y_max=y[1])
        places = strew(rng, [region] * count, [CLEARANCE_M] * count)
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
        lighting = layout.lighting(rng)
        return Scene(name=name, seed=seed, objects=cubes, lighting=lighting, furniture=(cabinet,))

    def describe(self, rng: np.random.Generator) -> str:
        """There is one drawer."""
        return _SENTENCES[rng.integers(len(_SENTENCES))]

    def succeeded(self, state: PrivilegedState) -> bool:
        """See the class."""
        return opened(_NAME, state.opening(_NAME)).success

    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """Take the handle between the fingers, then pull."""
        if state.held == _NAME:
            return self._pull(state)
        handle = self._handle(state)
        target = top_down(handle, self._yaw())
        above = handle + [0.0, 0.0, 0.09]
        return BaseFramePlan(
            waypoints=np.array([above, handle]),
            target_pose=target,
            gripper_action=GripperAction.CLOSE,
            approach_width_m=_APPROACH_WIDTH_M,
            subgoal="grasp the drawer's handle",
            final=False,
            things=(_NAME,),
        )

    def _pull(self, state: PrivilegedState) -> BaseFramePlan:
        start, axis = position_of(state.ee_pose), self._axis()
        left_m = max(_PULL_M - state.opening(_NAME), 0.03)
        waypoints = np.array([start + axis * left_m / 2, start + axis * left_m])
        return BaseFramePlan(
            waypoints=waypoints,
            target_pose=top_down(waypoints[-1], self._yaw()),
            gripper_action=GripperAction.KEEP,
            approach_width_m=None,
            subgoal="pull the drawer open",
            final=True,
            things=(_NAME,),
        )

    def _cabinet(self) -> Cabinet:
        cabinet = self.scene.furniture[0]
        assert isinstance(cabinet, Cabinet)
        return cabinet

    def _axis(self) -> FloatArray:
        """`(3,)` the way the drawer opens, base frame."""
        return rotation_of(self._cabinet().pose).apply([1.0, 0.0, 0.0])

    def _handle(self, state: PrivilegedState) -> FloatArray:
        """`(3,)` the middle of the bar, base frame."""
        cabinet = self._cabinet()
        local = cabinet.handle_local_m + [state.opening(_NAME), 0.0, 0.0]
        handle: FloatArray = transform_points(cabinet.pose, local[None])[0]
        return handle

    def _yaw(self) -> float:
        """Fingers open along the drawer's axis; of the two ways the one nearer to home."""
        axis = self._axis()
        return float((np.arctan2(axis[1], axis[0])) % np.pi - np.pi / 2)
