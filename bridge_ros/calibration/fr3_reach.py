"""Whether an FR3 reaches a pose, with room to its joint limits and away from singularities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import (
    FloatArray,
    interpolate,
    matrix_from_pose,
    rotation_between,
)
from bridge_ros.hardware.fr3_kinematics import (
    HIGHEST_RAD,
    LOWEST_RAD,
    jacobian_at,
    joint_frames,
    joint_margin_rad,
    tcp_pose,
)

_ITERATIONS = 60
_DAMPING = 0.03
_POSTURE = 0.05
_ARRIVED_M, _ARRIVED_RAD = 2e-4, 1e-3


@dataclass(frozen=True, kw_only=True)
class Fr3Reach:
    """Where an FR3 can bring its tool centre point from a posture, moving straight.

    Attributes:
        flange_to_tcp: `(7,)` of the tool.
        home_joints: `(7,)` the posture [rad] that the elbow is drawn to.
        joint_margin_rad: room to every joint's limits.
        least_dexterity: smallest singular value of the Jacobian (m and rad); 0 is singular.
        step_m, step_rad: spacing of the points in which a straight way is checked.
    """

    flange_to_tcp: FloatArray
    home_joints: tuple[float, ...]
    joint_margin_rad: float = 0.15
    least_dexterity: float = 0.06
    step_m: float = 0.03
    step_rad: float = 0.10

    def tcp_pose(self, joints: FloatArray) -> FloatArray:
        """`(7,)` the tool centre point in base."""
        return tcp_pose(joints, self.flange_to_tcp)

    def joints_at(self, pose: FloatArray, near: FloatArray) -> FloatArray | None:
        """`(7,)` joint angles [rad] for a pose `(7,)`, found from nearby ones; None beyond reach.

        Damped least squares, the elbow drawn to the home posture, as the controller does.
        """
        joints, home = np.array(near, dtype=np.float64), np.array(self.home_joints)
        for _ in range(_ITERATIONS):
            error, jacobian = self._error(pose, joints)
            missing = float(np.linalg.norm(error))
            if np.linalg.norm(error[:3]) < _ARRIVED_M and np.linalg.norm(error[3:]) < _ARRIVED_RAD:
                return joints if self._has_room(joints, jacobian) else None
            inverse = jacobian.T @ np.linalg.inv(
                jacobian @ jacobian.T + _DAMPING**2 * min(1.0, missing) * np.eye(6)
            )
            pull = _POSTURE * (home - joints)
            change = inverse @ error + pull - inverse @ (jacobian @ pull)
            joints = np.clip(
                joints + change * min(1.0, 0.3 / np.abs(change).max()), LOWEST_RAD, HIGHEST_RAD
            )
        return None

    def way(self, start: FloatArray, end: FloatArray, joints: FloatArray) -> FloatArray | None:
        """Joint angles at the end of a straight way between two poses; None if it leads too far.

        Args:
            joints: `(7,)` at its start.
        """
        shift_m = float(np.linalg.norm(end[:3] - start[:3]))
        count = int(
            np.ceil(max(shift_m / self.step_m, rotation_between(start, end) / self.step_rad, 1.0))
        )
        found: FloatArray | None = joints
        for step in range(1, count + 1):
            if found is None:
                return None
            found = self.joints_at(interpolate(start, end, step / count), found)
        return found

    def _has_room(self, joints: FloatArray, jacobian: FloatArray) -> bool:
        room = joint_margin_rad(joints)
        dexterity = np.linalg.svd(jacobian, compute_uv=False)[-1]
        return bool(room >= self.joint_margin_rad and dexterity >= self.least_dexterity)

    def _error(self, pose: FloatArray, joints: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What is missing to a pose `(6,)` [m, rad], and the Jacobian `(6, 7)`, in base."""
        frames = joint_frames(joints)
        tcp = frames[-1] @ matrix_from_pose(self.flange_to_tcp)
        jacobian = jacobian_at(frames, tcp[:3, 3])
        wanted = Rotation.from_quat(pose[3:]).as_matrix()
        turn = Rotation.from_matrix(wanted @ tcp[:3, :3].T).as_rotvec()
        return np.concatenate([pose[:3] - tcp[:3, 3], turn]), jacobian
