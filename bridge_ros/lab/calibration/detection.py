"""Finds the board's corners in a picture, and how sharp they are."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.calibration.board_view import Detection
from bridge_ros.lab.calibration.errors import BoardNotFoundError

_REACH_PX = 4.0
_STEP_PX = 0.25
_ALONG = np.linspace(0.3, 0.7, 5)
_LEAST_CONTRAST = 20.0


class BoardDetector:
    """Looks for one kind of board."""

    def __init__(self, board: Board) -> None:
        self._columns = board.columns - 1
        self._detector = cv2.aruco.CharucoDetector(board.to_cv())

    def detect(self, rgb: NDArray[np.uint8]) -> Detection:
        """The corners that a picture `(H, W, 3)` shows.

        Raises:
            BoardNotFoundError: if it shows none.
        """
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        corners, ids, markers, _ = self._detector.detectBoard(grey)
        # OpenCV gives None where its stubs promise arrays.
        if cast(object, ids) is None or len(ids) == 0:
            seen = 0 if cast(object, markers) is None else len(markers)
            what = f"only {seen} of its markers" if seen else "no marker"
            raise BoardNotFoundError(
                f"board: {what} is seen; turn the board towards the camera, nearer to it, all of "
                "it in the picture, sharp and in even light; is it the "
                "board of config/calibration.yaml?"
            )
        numbers = np.asarray(ids, dtype=np.int64).ravel()
        points = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
        width_px = self._edge_width(np.asarray(grey, dtype=np.float32), numbers, points)
        return Detection(ids=numbers, corners_px=points, edge_width_px=width_px)

    def _edge_width(
        self, grey: NDArray[np.float32], ids: NDArray[np.int64], corners: FloatArray
    ) -> float:
        """Contrast by steepest slope, across the edges between neighbouring corners.

        Of the edges along rows and along columns, the blurrier ones count: what moves sideways
        keeps its horizontal edges.
        """
        where = dict(zip(ids.tolist(), corners, strict=True))
        widths: dict[int, list[float]] = {1: [], self._columns: []}
        for number, start in where.items():
            for step, found in widths.items():
                end = where.get(number + step)
                if end is None or (step == 1 and (number + 1) % self._columns == 0):
                    continue
                profile = _profile_across(grey, start, end)
                contrast = float(np.ptp(profile))
                if contrast >= _LEAST_CONTRAST:
                    slope = float(np.abs(profile[4:] - profile[:-4]).max()) / (4 * _STEP_PX)
                    found.append(contrast / slope)
        medians = [float(np.median(found)) for found in widths.values() if found]
        return max(medians, default=np.inf)


def _profile_across(grey: NDArray[np.float32], start: FloatArray, end: FloatArray) -> FloatArray:
    """Grey values across the middle of an edge, averaged along it."""
    along = end - start
    normal = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    offsets = np.arange(-_REACH_PX, _REACH_PX + _STEP_PX, _STEP_PX)
    points = start + _ALONG[:, None, None] * along + offsets[None, :, None] * normal
    values = map_coordinates(grey, [points[..., 1], points[..., 0]], order=1, mode="nearest")
    return np.asarray(values.mean(axis=0), dtype=np.float64)
