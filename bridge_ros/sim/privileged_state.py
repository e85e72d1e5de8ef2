"""What the simulator itself knows of one instant: success tests and the oracle read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray, position_of
from bridge_ros.sim.objects.sim_object import SimObject

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.world import World

_INWARDS = 0.7
"""Cosine of the largest angle between a pad's push and the way that the fingers close."""


class PrivilegedState:
    """Reads a world's live data; always as new as the data.

    Args:
        world: the compiled scene.
        data: its state; after `mj_forward` or `mj_step`.
    """

    def __init__(self, world: World, data: mujoco.MjData) -> None:
        self._world = world
        self._data = data
        model = world.model
        names = [thing.name for thing in world.scene.objects]
        self._bodies = {name: model.body(name).id for name in names}
        for piece in world.scene.furniture:
            self._bodies[piece.name] = model.body(f"{piece.name} drawer").id

    @property
    def objects(self) -> tuple[SimObject, ...]:
        """The free objects of the scene."""
        return self._world.scene.objects

    @property
    def ee_pose(self) -> FloatArray:
        """`(7,)` pose of the tool centre point, base frame."""
        return self._world.ee_pose(self._data)

    @property
    def gripper_width(self) -> float:
        """Opening between the fingers [m]."""
        return self._world.gripper_width(self._data)

    @property
    def held(self) -> str | None:
        """The object, or the furniture's moving part, that is between the fingers' pads."""
        pressed = [self._pressed_inwards(finger) for finger in self._world.fingers]
        for name, body in self._bodies.items():
            if all(body in bodies for bodies in pressed):
                return name
        return None

    def object(self, name: str) -> SimObject:
        """The object of that name. Raises ConfigError, naming those that exist."""
        return self._world.scene.object(name)

    @property
    def poses(self) -> dict[str, FloatArray]:
        """Poses `(7,)` of all objects in base, by name."""
        return self._world.object_poses(self._data)

    def pose(self, name: str) -> FloatArray:
        """Pose `(7,)` of an object's frame, base frame."""
        return self._world.object_pose(self._data, name)

    def position(self, name: str) -> FloatArray:
        """Position `(3,)` of an object's frame, base frame."""
        return position_of(self.pose(name))

    def opening(self, furniture: str) -> float:
        """How far a drawer is open [m]."""
        return float(self._data.joint(furniture).qpos[0])

    def fingers_touching(self, name: str) -> int:
        """How many of the two fingers touch an object, or a drawer."""
        body = self._bodies[name]
        touched = {int(b) for pair in self._touching_bodies() if body in pair for b in pair}
        return sum(finger in touched for finger in self._world.fingers)

    def released(self, name: str) -> bool:
        """Whether the fingers have let go of an object; one of them may still touch it."""
        return self.fingers_touching(name) < 2

    def _pressed_inwards(self, finger: int) -> set[int]:
        """Bodies that a finger presses on towards the other one, not with its tip or its back."""
        inwards = -self._data.xmat[finger].reshape(3, 3)[:, 1]
        normals = self._data.contact.frame[: self._data.ncon, :3]
        pressed = set()
        for (first, second), normal in zip(self._touching_bodies(), normals, strict=True):
            along = float(normal @ inwards)
            # MuJoCo's normals point from the first body to the second.
            if first == finger and along > _INWARDS:
                pressed.add(int(second))
            elif second == finger and -along > _INWARDS:
                pressed.add(int(first))
        return pressed

    def _touching_bodies(self) -> NDArray[np.int32]:
        """`(N, 2)` ids of the bodies of every contact."""
        pairs: NDArray[np.int32] = self._world.model.geom_bodyid[
            self._data.contact.geom[: self._data.ncon]
        ]
        return pairs
