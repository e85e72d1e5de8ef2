"""The FR3's kinematics: where its joints end, and where they bring flange and tool."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray, matrix_from_pose, pose_at

# Franka Robotics, "Robot and interface specifications", Denavit-Hartenberg parameters (Craig's):
# a [m], d [m], alpha [rad] of joints 1 to 7; and the bounds of the FR3's joints.
_A_M = (0.0, 0.0, 0.0, 0.0825, -0.0825, 0.0, 0.088)
_D_M = (0.333, 0.0, 0.316, 0.0, 0.384, 0.0, 0.0)
_ALPHA_RAD = (0.0, -np.pi / 2, np.pi / 2, np.pi / 2, -np.pi / 2, np.pi / 2, np.pi / 2)
_FLANGE_M = 0.107
LOWEST_RAD = np.array([-2.7437, -1.7837, -2.9007, -3.0421, -2.8065, 0.5445, -3.0159])
HIGHEST_RAD = np.array([2.7437, 1.7837, 2.9007, -0.1518, 2.8065, 4.5169, 3.0159])
MOST_RAD_S2, MOST_RAD_S3 = 10.0, 5000.0
# Velocity: greatest [rad/s], and how it shrinks before a joint's end: by a deceleration [rad/s2],
# less an offset [rad/s].
_FASTEST_RAD_S = np.array([2.62, 2.62, 2.62, 2.62, 5.26, 4.18, 5.26])
_SLOWING_RAD_S2 = np.array([6.0, 2.585, 3.5, 4.0, 17.0, 5.5, 17.0])
_SLOWER_RAD_S = np.array([0.30, 0.20, 0.20, 0.30, 0.35, 0.35, 0.35])


def flange_pose(joints: FloatArray) -> FloatArray:
    """`(4, 4)` the flange in base at seven joint angles [rad]."""
    return np.asarray(joint_frames(joints)[-1])


def tcp_pose(joints: FloatArray, flange_to_tcp: FloatArray) -> FloatArray:
    """`(7,)` the tool centre point in base at seven joint angles [rad]."""
    matrix = flange_pose(joints) @ matrix_from_pose(flange_to_tcp)
    return pose_at(matrix[:3, 3], Rotation.from_matrix(matrix[:3, :3]))


def jacobian_at(frames: FloatArray, point_m: FloatArray) -> FloatArray:
    """`(6, 7)` linear and angular velocity of a point of the hand for each joint's, in base.

    Args:
        frames: `(8, 4, 4)` see `joint_frames`.
        point_m: `(3,)` base frame.
    """
    axes = frames[:7, :3, 2]
    levers = point_m - frames[:7, :3, 3]
    return np.concatenate([np.cross(axes, levers), axes], axis=1).T


def joint_margin_rad(joints: FloatArray) -> float:
    """Room [rad] of the joint that is nearest to one of its limits; negative beyond."""
    return float(min((joints - LOWEST_RAD).min(), (HIGHEST_RAD - joints).min()))


def velocity_bounds(joints: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest velocity `(7,)` [rad/s] of the joints, 0 for those at their end."""

    def towards(room_rad: FloatArray) -> FloatArray:
        slowing = np.sqrt(2.0 * _SLOWING_RAD_S2 * np.maximum(room_rad, 0.0)) - _SLOWER_RAD_S
        bound: FloatArray = np.clip(slowing, 0.0, _FASTEST_RAD_S)
        return bound

    return -towards(joints - LOWEST_RAD), towards(HIGHEST_RAD - joints)


def dexterity(joints: FloatArray, flange_to_tcp: FloatArray) -> float:
    """Smallest singular value of the tool's Jacobian (m and rad); 0 is singular."""
    frames = joint_frames(joints)
    tcp = frames[-1] @ matrix_from_pose(flange_to_tcp)
    return float(np.linalg.svd(jacobian_at(frames, tcp[:3, 3]), compute_uv=False)[-1])


def joint_frames(joints: FloatArray) -> FloatArray:
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
