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

# Franka Robotics, "Robot and interface specifications", Denavit-Hartenberg parameters (Craig's):
# a [m], d [m], alpha [rad] of joints 1 to 7; and the joints' limits of the FR3 [rad].
_A_M = (0.0, 0.0, 0.0, 0.0825, -0.0825, 0.0, 0.088)
_D_M = (0.333, 0.0, 0.316, 0.0, 0.384, 0.0, 0.0)
_ALPHA_RAD = (0.0, -np.pi / 2, np.pi / 2, np.pi / 2, -np.pi / 2, np.pi / 2, np.pi / 2)
_FLANGE_M = 0.107
_LOWEST_RAD = np.array([-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159])
_HIGHEST_RAD = np.array([2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159])

_ITERATIONS = 60
_DAMPING = 0.03
_POSTURE = 0.05
_ARRIVED_M, _ARRIVED_RAD = 2e-4, 1e-3


def flange_pose(joints: FloatArray) -> FloatArray:
    """`(4, 4)` the flange in base at seven joint angles [rad]."""
    return np.asarray(_frames(joints)[-1])


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
        matrix = flange_pose(joints) @ matrix_from_pose(self.flange_to_tcp)
        return np.concatenate([matrix[:3, 3], Rotation.from_matrix(matrix[:3, :3]).as_quat()])

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
                joints + change * min(1.0, 0.3 / np.abs(change).max()), _LOWEST_RAD, _HIGHEST_RAD
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
        room = min((joints - _LOWEST_RAD).min(), (_HIGHEST_RAD - joints).min())
        dexterity = np.linalg.svd(jacobian, compute_uv=False)[-1]
        return bool(room >= self.joint_margin_rad and dexterity >= self.least_dexterity)

    def _error(self, pose: FloatArray, joints: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What is missing to a pose `(6,)` [m, rad], and the Jacobian `(6, 7)`, in base."""
        frames = _frames(joints)
        tcp = frames[-1] @ matrix_from_pose(self.flange_to_tcp)
        axes = frames[:7, :3, 2]
        levers = tcp[:3, 3] - frames[:7, :3, 3]
        jacobian = np.concatenate([np.cross(axes, levers), axes], axis=1).T
        wanted = Rotation.from_quat(pose[3:]).as_matrix()
        turn = Rotation.from_matrix(wanted @ tcp[:3, :3].T).as_rotvec()
        return np.concatenate([pose[:3] - tcp[:3, 3], turn]), jacobian


def _frames(joints: FloatArray) -> FloatArray:
    """`(8, 4, 4)` frames of the seven joints and of the flange, in base."""
    frames = np.empty((8, 4, 4))
    frame = np.eye(4)
    rows = zip(_A_M, _D_M, _ALPHA_RAD, joints, strict=True)
    for number, (a, d, alpha, angle) in enumerate(rows):
        (sa, ca), (sq, cq) = (np.sin(alpha), np.cos(alpha)), (np.sin(angle), np.cos(angle))
        frame = frame @ np.array(
            [
                [cq, -sq, 0.0, a],
                [sq * ca, cq * ca, -sa, -d * sa],
                [sq * sa, cq * sa, ca, d * ca],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )
        frames[number] = frame
    frames[7] = frame
    frames[7, :3, 3] += _FLANGE_M * frame[:3, 2]
    return frames
