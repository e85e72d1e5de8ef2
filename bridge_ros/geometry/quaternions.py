"""Single unit quaternions, xyzw, fast enough for every step of a control loop.

SciPy's `Rotation` is made for arrays of rotations, and takes ten times as long for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SMALL_RAD = 1e-6


def multiply(a: FloatArray, b: FloatArray) -> FloatArray:
    """The rotation `a` after the rotation `b`, `(4,)` each."""
    ax, ay, az, aw = a.tolist()
    bx, by, bz, bw = b.tolist()
    return np.array(
        [
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ]
    )


def inverse(q: FloatArray) -> FloatArray:
    """The rotation back, `(4,)`."""
    x, y, z, w = q.tolist()
    return np.array([-x, -y, -z, w])


def from_rotvec(rotvec: Iterable[float]) -> FloatArray:
    """A rotation vector `(3,)` [rad] as a quaternion."""
    x, y, z = rotvec
    half = 0.5 * math.sqrt(x * x + y * y + z * z)
    scale = 0.5 * math.sin(half) / half if half > _SMALL_RAD else 0.5
    return np.array([scale * x, scale * y, scale * z, math.cos(half)])


def to_rotvec(q: FloatArray) -> FloatArray:
    """The rotation vector `(3,)` [rad] of at most half a turn."""
    x, y, z, w = q.tolist()
    sine = math.sqrt(x * x + y * y + z * z)
    if w < 0.0:
        x, y, z, w = -x, -y, -z, -w
    scale = 2.0 * math.atan2(sine, w) / sine if sine > _SMALL_RAD else 2.0 / w
    return np.array([scale * x, scale * y, scale * z])


def normalised(q: FloatArray) -> FloatArray:
    """Of norm 1; for quaternions that come from outside or have been through many products."""
    unit: FloatArray = q / math.sqrt(float(q @ q))
    return unit
