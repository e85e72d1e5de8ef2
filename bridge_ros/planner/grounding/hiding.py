"""What hides a thing in part: what can be told of its shape depends on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bridge_ros.planner.grounding.segments import Segment

_RING_PX = 5
_NEARER_M = 0.03
_HIDDEN_SHARE = 0.3
_BEHIND_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class Hiding:
    """Whether a good part of a thing is hidden, and whether by something that stands there.

    What else may hide it is the robot, which will move.
    """

    hidden: bool
    behind_thing: bool


def find_hiding(
    segment: Segment,
    depth_m: NDArray[np.float32],
    known: NDArray[np.bool_],
    standing: NDArray[np.bool_],
) -> Hiding:
    """Told from the ring of pixels round it: how many are nearer than it, or of unknown depth.

    A stereo camera does not know the depth beside an edge, of what one of its two eyes does not
    see: a thing that stands alone has some of that, too.

    Args:
        depth_m: `(H, W)`.
        known: `(H, W)` where depth is known and in range.
        standing: `(H, W)` what stands on the table, the robot left out.
    """
    height, width = depth_m.shape
    top, left = (max(0, int(side.min()) - _RING_PX) for side in (segment.rows, segment.columns))
    bottom = min(height, int(segment.rows.max()) + 1 + _RING_PX)
    right = min(width, int(segment.columns.max()) + 1 + _RING_PX)
    window = slice(top, bottom), slice(left, right)
    own = np.zeros((bottom - top, right - left), dtype=bool)
    own[segment.rows - top, segment.columns - left] = True
    distance, nearest = ndimage.distance_transform_edt(~own, return_indices=True)
    ring = ~own & (distance <= _RING_PX)
    depth, seen = depth_m[window], known[window]
    nearer = seen & (depth < depth[tuple(nearest)] - _NEARER_M)
    return Hiding(
        hidden=float(np.mean((nearer | ~seen)[ring])) > _HIDDEN_SHARE,
        behind_thing=float(np.mean((nearer & standing[window])[ring])) > _BEHIND_SHARE,
    )
