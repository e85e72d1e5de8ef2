"""The joint velocities that move the tool as wanted, and the elbow home beside it."""

from __future__ import annotations

import numpy as np

from bridge_ros.geometry.poses import FloatArray

_SLOWEST_RAD_S = 1e-3
"""Of a joint at its end, in place of none at all."""


def joint_rates(
    twist: FloatArray,
    jacobian: FloatArray,
    pull: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """`(7,)` joint velocities [rad/s]: the least for a twist, and what it leaves of a pull.

    Where a joint would have to be too fast, all of them are slower in proportion, so that the tool
    keeps its direction; so it slows down towards a singularity.

    Args:
        twist: `(6,)` of the tool, linear [m/s], then angular [rad/s], base frame.
        jacobian: `(6, 7)` of the tool, base frame.
        pull: `(7,)` how the joints would move if the tool did not matter [rad/s].
        bounds: `(7,)` least and greatest velocity of each joint [rad/s].
    """
    inverse = np.linalg.pinv(jacobian)
    rates: FloatArray = inverse @ twist + pull - inverse @ (jacobian @ pull)
    least, greatest = bounds
    bound = np.maximum(np.where(rates < 0.0, -least, greatest), _SLOWEST_RAD_S)
    return rates / max(1.0, float((np.abs(rates) / bound).max()))
