"""The ChArUco board: a chessboard with a marker in every white square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray

if TYPE_CHECKING:
    import cv2.aruco

EE_FROM_BOARD = (0.047, 0.126, -0.09, 0.5, -0.5, -0.5, 0.5)
"""Where a board that is held as the docs show lies in the hand: xyz [m] and quaternion xyzw."""


@dataclass(frozen=True, kw_only=True)
class Board:
    """A ChArUco board. Its frame: origin in a corner, x along the columns, y along the rows, z
    into the board, away from who looks at it.

    Attributes:
        columns, rows: squares along x and y.
        square_m: side of a square, as measured on the print.
        marker_m: side of a marker.
        dictionary: of the markers; a name of OpenCV's.
    """

    columns: int = 7
    rows: int = 5
    square_m: float = 0.036
    marker_m: float = 0.027
    dictionary: str = "DICT_4X4_50"

    def __post_init__(self) -> None:
        if self.columns < 3 or self.rows < 3:
            raise ConfigError(
                f"board: expected at least 3 columns and rows, got {self.columns} x {self.rows}"
            )
        if not 0.0 < self.marker_m < self.square_m:
            raise ConfigError(
                f"board: expected 0 < marker_m < square_m, got {self.marker_m} and {self.square_m}"
            )

    @property
    def markers(self) -> cv2.aruco.Dictionary:
        """OpenCV's dictionary.

        Raises:
            ConfigError: if OpenCV is missing, has no such dictionary, or too small a one.
        """
        try:
            import cv2
        except ImportError as error:
            raise ConfigError(
                f"calibration: expected OpenCV: pip install 'bridge_ros[calibration]' ({error})"
            ) from error
        if not (hasattr(cv2, "calibrateHandEye") and hasattr(cv2.aruco, "CharucoDetector")):
            raise ConfigError(
                f"calibration: expected OpenCV from 4.8 to below 5, got {cv2.__version__}: "
                "pip install 'bridge_ros[calibration]'"
            )
        if not self.dictionary.startswith("DICT_") or not hasattr(cv2.aruco, self.dictionary):
            raise ConfigError(
                f"board: expected a dictionary of OpenCV's such as DICT_4X4_50, "
                f"got {self.dictionary!r}"
            )
        markers = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, self.dictionary))
        count, needed = len(markers.bytesList), self.columns * self.rows // 2
        if count < needed:
            raise ConfigError(
                f"board: expected a dictionary of at least {needed} markers, "
                f"{self.dictionary} has {count}"
            )
        return markers

    def to_cv(self) -> cv2.aruco.CharucoBoard:
        """The same for OpenCV. Raises ConfigError as `markers` does."""
        markers = self.markers
        import cv2

        size = (self.columns, self.rows)
        return cv2.aruco.CharucoBoard(size, self.square_m, self.marker_m, markers)

    @property
    def size_m(self) -> tuple[float, float]:
        """Width and height of the pattern."""
        return self.columns * self.square_m, self.rows * self.square_m

    @property
    def center_m(self) -> FloatArray:
        """`(3,)` its middle."""
        width, height = self.size_m
        return np.array([width / 2, height / 2, 0.0])

    @property
    def outline_m(self) -> FloatArray:
        """`(4, 3)` the outer corners of the pattern."""
        width, height = self.size_m
        return np.array([[0, 0, 0], [width, 0, 0], [width, height, 0], [0, height, 0]], dtype=float)

    @property
    def corners_m(self) -> FloatArray:
        """`(N, 3)` the inner corners, by their ids: row after row."""
        across, down = np.meshgrid(np.arange(1, self.columns), np.arange(1, self.rows))
        points = np.stack([across.ravel(), down.ravel(), np.zeros(across.size)], axis=1)
        return np.asarray(points * self.square_m)
