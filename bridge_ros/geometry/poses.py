"""Poses as arrays `(…, 7)`: position xyz [m] and unit quaternion xyzw; the transforms among them.

One pose or a thousand, in a message, a file or a control loop, it is the same array: a class of
poses would be converted at every seam, which takes longer than what is done with it there. Its
parts are read with `position_of`, `rotation_of` and `quaternion_of`, and put together by `pose_at`.

`T_a_b` (or `pose_a_b`) is the pose of frame b in frame a: it maps points given in b into a.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from bridge_ros.errors import BridgeError, ObservationError
from bridge_ros.geometry import quaternions

FloatArray = NDArray[np.float64]

IDENTITY_POSE: FloatArray = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


def position_of(pose: FloatArray) -> FloatArray:
    """The positions `(…, 3)` [m] of poses `(…, 7)`: a view."""
    return pose[..., :3]


def quaternion_of(pose: FloatArray) -> FloatArray:
    """The unit quaternions `(…, 4)`, xyzw, of poses `(…, 7)`: a view."""
    return pose[..., 3:]


def rotation_of(pose: FloatArray) -> Rotation:
    """The orientation of a pose `(7,)`, or those of poses `(N, 7)`."""
    return Rotation.from_quat(pose[..., 3:])


def pose_at(position: ArrayLike, rotation: Rotation | ArrayLike) -> FloatArray:
    """The pose `(7,)` of a position and an orientation, or poses `(N, 7)` of N of each.

    Args:
        position: `(…, 3)` [m]. rotation: or its quaternion `(…, 4)`, xyzw.
    """
    quaternion = rotation.as_quat() if isinstance(rotation, Rotation) else rotation
    return np.concatenate([position, quaternion], axis=-1)


def as_pose(
    value: ArrayLike, *, name: str = "pose", error: type[BridgeError] = ObservationError
) -> FloatArray:
    """Check one pose at the door and return it as `(7,)` with its quaternion normalised.

    Raises:
        ObservationError, or `error`: if it is not 7 finite numbers with a quaternion of norm
            1 ± 0.01.
    """
    pose = np.asarray(value, dtype=np.float64)
    if pose.shape != (7,):
        raise error(f"{name}: expected 7 numbers (xyz, xyzw), got shape {pose.shape}")
    if not np.isfinite(pose).all():
        raise error(f"{name}: expected finite numbers, got {pose.tolist()}")
    norm = float(np.linalg.norm(quaternion_of(pose)))
    if abs(norm - 1.0) > 0.01:
        raise error(f"{name}: expected a unit quaternion, got norm {norm:.3f}")
    return pose_at(position_of(pose), quaternion_of(pose) / norm)


def pose_from_matrix(matrix: ArrayLike) -> FloatArray:
    """Homogeneous `(…, 4, 4)` matrices to poses `(…, 7)`."""
    matrix = np.asarray(matrix, dtype=np.float64)
    flat = matrix.reshape(-1, 4, 4)
    poses = pose_at(flat[:, :3, 3], Rotation.from_matrix(flat[:, :3, :3]))
    return poses.reshape(*matrix.shape[:-2], 7)


def matrix_from_pose(pose: ArrayLike) -> FloatArray:
    """Poses `(…, 7)` to homogeneous `(…, 4, 4)` matrices."""
    pose = np.asarray(pose, dtype=np.float64)
    flat = pose.reshape(-1, 7)
    matrix = np.tile(np.eye(4), (len(flat), 1, 1))
    matrix[:, :3, :3] = rotation_of(flat).as_matrix()
    matrix[:, :3, 3] = position_of(flat)
    return matrix.reshape(*pose.shape[:-1], 4, 4)


def compose(pose_a_b: ArrayLike, pose_b_c: ArrayLike) -> FloatArray:
    """`pose_a_c` of `pose_a_b` and `pose_b_c`, each `(…, 7)`, broadcasting."""
    return pose_from_matrix(matrix_from_pose(pose_a_b) @ matrix_from_pose(pose_b_c))


def invert(pose_a_b: ArrayLike) -> FloatArray:
    """`pose_b_a` of `pose_a_b`, `(…, 7)`."""
    pose = np.asarray(pose_a_b, dtype=np.float64)
    flat = pose.reshape(-1, 7)
    inverse = rotation_of(flat).inv()
    return pose_at(-inverse.apply(position_of(flat)), inverse).reshape(pose.shape)


def transform_points(pose_a_b: ArrayLike, points_b: ArrayLike) -> FloatArray:
    """Points `(N, 3)` given in frame b, expressed in frame a."""
    pose = np.asarray(pose_a_b, dtype=np.float64)
    points = np.asarray(points_b, dtype=np.float64)
    return points @ rotation_of(pose).as_matrix().T + position_of(pose)


def distance_between(a: FloatArray, b: FloatArray) -> float:
    """The distance [m] between the positions of two poses `(7,)`, or points `(3,)`."""
    x, y, z = (position_of(a) - position_of(b)).tolist()
    return math.sqrt(x * x + y * y + z * z)


def rotation_between(pose_a: ArrayLike, pose_b: ArrayLike) -> float:
    """The angle [rad] that turns one pose's orientation into the other's."""
    a, b = np.asarray(pose_a, dtype=np.float64), np.asarray(pose_b, dtype=np.float64)
    turn = quaternions.multiply(quaternions.inverse(quaternion_of(a)), quaternion_of(b))
    return float(np.linalg.norm(quaternions.to_rotvec(turn)))


def look_at(position: ArrayLike, target: ArrayLike) -> FloatArray:
    """Pose `(7,)` of an optical frame (x right, y down, z out), level, looking at a point."""
    position = np.asarray(position, dtype=np.float64)
    z = np.asarray(target, dtype=np.float64) - position
    z /= np.linalg.norm(z)
    x = np.cross(z, [0.0, 0.0, 1.0])
    x /= np.linalg.norm(x)
    rotation = Rotation.from_matrix(np.column_stack([x, np.cross(z, x), z]))
    return pose_at(position, rotation)


def tilt(pose: ArrayLike) -> float:
    """Angle [rad] between the z axis of a pose `(7,)` and that of its parent frame."""
    z = rotation_of(np.asarray(pose)).apply([0.0, 0.0, 1.0])
    return float(np.arccos(np.clip(z[2], -1.0, 1.0)))


def interpolate(pose_a: ArrayLike, pose_b: ArrayLike, fraction: float) -> FloatArray:
    """The pose `fraction` (0 to 1) of the way from one pose to another: straight line, slerp."""
    a, b = np.asarray(pose_a, dtype=np.float64), np.asarray(pose_b, dtype=np.float64)
    start, way = position_of(a), position_of(b) - position_of(a)
    before = quaternion_of(a)
    turn = quaternions.multiply(quaternions.inverse(before), quaternion_of(b))
    part = quaternions.from_rotvec(fraction * quaternions.to_rotvec(turn))
    turned = quaternions.multiply(before, part)
    return pose_at(start + fraction * way, quaternions.normalised(turned))
