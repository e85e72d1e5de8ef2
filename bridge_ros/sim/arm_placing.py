"""Puts a simulated arm at a pose by inverse kinematics, without physics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.world import World

_ITERATIONS = 80
_DAMPING = 1e-4
_LONGEST_STEP_RAD = 0.2
_POSITION_TOLERANCE_M = 5e-4
_ROTATION_TOLERANCE_RAD = 5e-3


def place_arm(world: World, data: mujoco.MjData, ee_pose: FloatArray) -> bool:
    """Bring the tool centre point to a pose by damped least squares, from the joints as they are.

    Args:
        data: of `world`; its arm's `qpos` is changed, and its kinematics follow.
        ee_pose: `(7,)` base frame.

    Returns:
        Whether it got there.
    """
    import mujoco

    model, rows, dofs = world.model, world.arm_qpos, world.arm_dofs
    low, high = model.jnt_range[model.dof_jntid[dofs]].T
    wanted = rotation_of(ee_pose)
    linear, angular = np.zeros((3, model.nv)), np.zeros((3, model.nv))
    for _ in range(_ITERATIONS):
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        point, turned = world.tcp_frame(data)
        turn = (wanted * Rotation.from_matrix(turned).inv()).as_rotvec()
        error = np.concatenate([position_of(ee_pose) - point, turn])
        near = np.linalg.norm(error[:3]) < _POSITION_TOLERANCE_M
        if near and np.linalg.norm(turn) < _ROTATION_TOLERANCE_RAD:
            return True
        mujoco.mj_jac(model, data, linear, angular, point, world.hand)
        jacobian = np.concatenate([linear[:, dofs], angular[:, dofs]])
        step = jacobian.T @ np.linalg.solve(jacobian @ jacobian.T + _DAMPING * np.eye(6), error)
        step = np.clip(step, -_LONGEST_STEP_RAD, _LONGEST_STEP_RAD)
        data.qpos[rows] = np.clip(data.qpos[rows] + step, low, high)
    return False
