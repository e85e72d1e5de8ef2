"""What the action expert sees and says: Observation and ActionChunk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The conditioning C_A of the paper's equation 1, raw; checked by `ActionExpert.predict`.

    Attributes:
        ee_pose: `(7,)` end-effector pose, base frame, xyz [m] and quaternion xyzw.
        joint_positions: `(7,)` [rad], or None for another robot.
        gripper_width: [m].
        guidance_poses: `(G, 7)` base frame, the trajectory sampled at the control rate from now on.
        guidance_widths: `(G,)` [m].
        points: `(N, 3)` base frame [m], uncropped is fine; may be empty.
    """

    ee_pose: FloatArray
    joint_positions: FloatArray | None
    gripper_width: float
    guidance_poses: FloatArray
    guidance_widths: FloatArray
    points: NDArray[np.float32] | FloatArray


@dataclass(frozen=True, kw_only=True)
class ActionChunk:
    """Targets for the next H control steps, the first one a step from the observation.

    Attributes:
        poses: `(H, 7)` absolute end-effector targets, base frame.
        gripper_widths: `(H,)` [m].
    """

    poses: FloatArray
    gripper_widths: FloatArray
