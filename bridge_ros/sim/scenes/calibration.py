"""Scene `calibration`: an empty table, and the calibration board in the gripper."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.camera.calibration_board import EE_FROM_BOARD
from bridge_ros.geometry.poses import compose
from bridge_ros.sim.objects.held_board import HeldBoard
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.scenes.tabletop import lighting

_SHIFT_M = 0.010
_TURN_RAD = 0.06


def lay_out(name: str, seed: int, rng: np.random.Generator) -> Scene:
    """The scene of a seed: how a person put the board into the gripper, and under what light."""
    turn = Rotation.from_rotvec(rng.uniform(-_TURN_RAD, _TURN_RAD, size=3))
    off = np.concatenate([rng.uniform(-_SHIFT_M, _SHIFT_M, size=3), turn.as_quat()])
    board = HeldBoard(ee_from_board=compose(off, np.array(EE_FROM_BOARD)))
    return Scene(name=name, seed=seed, objects=(), lighting=lighting(rng), held_board=board)
