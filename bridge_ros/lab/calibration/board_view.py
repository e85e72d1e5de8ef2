"""A view: the board as one picture shows it, and where the hand was then."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class Detection:
    """The board's inner corners in a picture.

    Attributes:
        ids: `(N,)` which corners; see `Board.corners_m`.
        corners_px: `(N, 2)` where they are (u, v), to a fraction of a pixel.
        edge_width_px: over how many pixels black turns into white: about 1 to 2 in a sharp picture.
    """

    ids: NDArray[np.int64]
    corners_px: FloatArray
    edge_width_px: float


@dataclass(frozen=True, kw_only=True)
class BoardView:
    """One picture's share in a calibration.

    Attributes:
        ee_pose: `(7,)` measured pose of the tool centre point in base when it was taken.
        detection: the corners in it.
        optical_from_board: `(7,)` pose of the board in the camera's optical frame, from this
            picture alone.
    """

    ee_pose: FloatArray
    detection: Detection
    optical_from_board: FloatArray
