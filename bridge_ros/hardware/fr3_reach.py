"""Whether an FR3 reaches a pose, with room to its joint limits and away from singularities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    interpolate,
    matrix_from_pose,
    position_of,
    rotation_between,
    rotation_of,
)
from bridge_ros.hardware.fr3_kinematics import (
    HIGHEST_RAD,
    LOWEST_RAD,
    dexterity,
    jacobian_at,
    joint_frames,
    joint_margin_rad,
    tcp_pose,
)

_ITERATIONS = 60
_FEW_ITERATIONS = 10
"""Enough for a pose nearby, and soon over for one that is never reached."""
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
        found = self._solve(pose, near, _ITERATIONS)
        return found if found is not None and self._has_room(found) else None

    def allows(self, pose: FloatArray, joints: FloatArray) -> bool:
        """Whether the arm may go to a pose `(7,)` from joints `(7,)` [rad] nearby.

        Where it stands without room, it may go to wherever it has more.
        """
        known = bool(np.isfinite(joints).all())
        found = self._solve(pose, joints, _FEW_ITERATIONS) if known else None
        if found is None:
            return False
        (room, dexterous), (room_now, dexterous_now) = self._room(found), self._room(joints)
        return room >= min(self.joint_margin_rad, room_now) and dexterous >= min(
            self.least_dexterity, dexterous_now
        )

    def _solve(self, pose: FloatArray, near: FloatArray, iterations: int) -> FloatArray | None:
        """Joint angles for a pose, however near to their limits."""
        joints, home = np.array(near, dtype=np.float64), np.array(self.home_joints)
        for _ in range(iterations):
            error, jacobian = self._error(pose, joints)
            missing = float(np.linalg.norm(error))
            if np.linalg.norm(error[:3]) < _ARRIVED_M and np.linalg.norm(error[3:]) < _ARRIVED_RAD:
                return joints
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
        shift_m = distance_between(end, start)
        count = int(
            np.ceil(max(shift_m / self.step_m, rotation_between(start, end) / self.step_rad, 1.0))
        )
        found: FloatArray | None = joints
        for step in range(1, count + 1):
            if found is None:
                return None
            found = self.joints_at(interpolate(start, end, step / count), found)
        return found

    def _has_room(self, joints: FloatArray) -> bool:
        room, dexterous = self._room(joints)
        return room >= self.joint_margin_rad and dexterous >= self.least_dexterity

    def _room(self, joints: FloatArray) -> tuple[float, float]:
        """Room to the joints' limits [rad], and dexterity."""
        return joint_margin_rad(joints), dexterity(joints, self.flange_to_tcp)

    def _error(self, pose: FloatArray, joints: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What is missing to a pose `(6,)` [m, rad], and the Jacobian `(6, 7)`, in base."""
        frames = joint_frames(joints)
        tcp = frames[-1] @ matrix_from_pose(self.flange_to_tcp)
        jacobian = jacobian_at(frames, tcp[:3, 3])
        wanted = rotation_of(pose).as_matrix()
        turn = Rotation.from_matrix(wanted @ tcp[:3, :3].T).as_rotvec()
        return np.concatenate([position_of(pose) - tcp[:3, 3], turn]), jacobian
