"""The calibration board in the simulated gripper: seen, but neither felt nor weighed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.calibration_board import Board
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.sim.objects.mjcf import Rgb, visual

_WHITE: Rgb = (0.90, 0.90, 0.88)
_BLACK: Rgb = (0.05, 0.05, 0.05)
_WOOD: Rgb = (0.55, 0.43, 0.30)
_LAYER_M = 2e-5
"""Thickness of ink: enough to be in front of what it is printed on, too little to cast an edge."""
_PLATE_M = 0.004
_MARGIN_M = 0.012
_BLOCK_M = (0.100, 0.030, 0.040)


@dataclass(frozen=True, kw_only=True)
class HeldBoard:
    """A ChArUco board on a plate, with a block on its back that the fingers hold.

    Attributes:
        ee_from_board: `(7,)` pose of the board's frame in that of the tool centre point.
        board: what is printed on it.
    """

    ee_from_board: FloatArray
    board: Board = field(default_factory=Board)

    def to_mjcf(self, flange_to_tcp: FloatArray) -> ET.Element:
        """Its body, as a child of the gripper's, whose frame is turned like the tool's."""
        x, y, z, qx, qy, qz, qw = self.ee_from_board
        body = ET.Element(
            "body",
            name="held_board",
            pos=f"{x:.8f} {y:.8f} {z + float(flange_to_tcp[2]):.8f}",
            quat=f"{qw:.10f} {qx:.10f} {qy:.10f} {qz:.10f}",
        )
        middle, (width, height) = self.board.center_m, self.board.size_m
        # The pattern is the plane z = 0, which the camera sees from the negative side.
        self._box(
            body, _WHITE, middle, (width + 2 * _MARGIN_M, height + 2 * _MARGIN_M), 2, _PLATE_M
        )
        behind = middle + [0.0, 0.0, _PLATE_M + _BLOCK_M[2] / 2]
        half = " ".join(str(side / 2) for side in _BLOCK_M)
        visual(body, _WOOD, type="box", size=half, pos=" ".join(map(str, behind)))
        self._print_squares(body)
        self._print_markers(body)
        return body

    def _print_squares(self, body: ET.Element) -> None:
        side = self.board.square_m
        for row in range(self.board.rows):
            for column in range(row % 2, self.board.columns, 2):
                middle = side * np.array([column + 0.5, row + 0.5, 0.0])
                self._box(body, _BLACK, middle, (side, side), 1, _LAYER_M)

    def _print_markers(self, body: ET.Element) -> None:
        """Every marker as a black square with runs of white cells on it."""
        board, markers = self.board.to_cv(), self.board.markers
        size = self.board.marker_m
        cells = markers.markerSize + 2
        for number, corners in zip(np.ravel(board.getIds()), board.getObjPoints(), strict=True):
            corner = np.asarray(corners, dtype=np.float64)[0]
            self._box(body, _BLACK, corner + [size / 2, size / 2, 0.0], (size, size), 1, _LAYER_M)
            picture = markers.generateImageMarker(int(number), cells)
            cell = size / cells
            for row, first, last in _white_runs(np.asarray(picture)):
                middle = corner + cell * np.array([(first + last) / 2, row + 0.5, 0.0])
                self._box(body, _WHITE, middle, ((last - first) * cell, cell), 0, _LAYER_M)

    @staticmethod
    def _box(
        body: ET.Element,
        rgb: Rgb,
        middle: FloatArray,
        size: tuple[float, float],
        layer: int,
        thickness_m: float,
    ) -> None:
        """A flat box whose front lies in a layer: 0 is the pattern's plane, 1 just behind it."""
        x, y = middle[:2]
        z = layer * _LAYER_M + thickness_m / 2
        visual(
            body,
            rgb,
            type="box",
            size=f"{size[0] / 2:.7f} {size[1] / 2:.7f} {thickness_m / 2:.7f}",
            pos=f"{x:.7f} {y:.7f} {z:.7f}",
        )


def _white_runs(picture: NDArray[np.generic]) -> list[tuple[int, int, int]]:
    """(row, first, behind the last) of every run of white cells."""
    runs = []
    for row, cells in enumerate(np.asarray(picture) > 127):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], cells.astype(np.int8), [0]])))
        runs += [(row, int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return runs
