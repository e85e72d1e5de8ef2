"""The bounded velocity that brings an arm onto a moving pose."""

from __future__ import annotations

import math

import numpy as np

from bridge_ros.geometry.poses import FloatArray, position_of, quaternion_of
from bridge_ros.geometry.quaternions import inverse, multiply, to_rotvec
from bridge_ros.hardware.velocity_settings import VelocitySettings


def velocity_command(
    pose: FloatArray, twist: FloatArray, measured: FloatArray, settings: VelocitySettings
) -> FloatArray:
    """Twist `(6,)` to command: linear [m/s], then angular [rad/s], base frame.

    It is the feed-forward twist and a correction in proportion to the measured error. Correction
    and sum are shortened to their bounds, and keep their direction.

    Args:
        pose: `(7,)` where the arm should be now, base frame.
        twist: `(6,)` how it should move now, base frame.
        measured: `(7,)` where it is, base frame.
    """
    turn = to_rotvec(multiply(quaternion_of(pose), inverse(quaternion_of(measured))))
    linear = shortened(
        settings.gain_per_s * (position_of(pose) - position_of(measured)),
        settings.max_correction_m_s,
    )
    angular = shortened(settings.gain_per_s * turn, settings.max_correction_rad_s)
    return np.concatenate(
        [
            shortened(twist[:3] + linear, settings.max_linear_m_s),
            shortened(twist[3:] + angular, settings.max_angular_rad_s),
        ]
    )


def shortened(vector: FloatArray, longest: float) -> FloatArray:
    """The vector, or one of the same direction and the greatest norm that it may have."""
    norm = math.sqrt(float(vector @ vector))
    return vector if norm <= longest else vector * (longest / norm)
