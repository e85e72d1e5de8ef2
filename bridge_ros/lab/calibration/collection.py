"""Collects views: looks, checks, shows what it sees, and remembers what is of use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.calibration.board_view import BoardView, Detection
from bridge_ros.lab.calibration.calibration_cell import CalibrationCell, Look
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.calibration.detection import BoardDetector
from bridge_ros.lab.calibration.errors import CalibrationError
from bridge_ros.lab.calibration.hand_eye import board_pose
from bridge_ros.lab.calibration.preview import draw_preview, save_preview
from bridge_ros.lab.calibration.view_checks import check_detection, check_flatness, check_novelty

PREVIEW = "preview.png"
_TRIES = 2


class ViewCollection:
    """The views so far.

    Args:
        intrinsics: of the camera.
        out: folder for the preview and the pictures; None keeps nothing.
    """

    def __init__(
        self, settings: CalibrationSettings, intrinsics: Intrinsics, out: Path | None = None
    ) -> None:
        self.views: list[BoardView] = []
        self._settings = settings
        self._intrinsics = intrinsics
        self._out = out
        self._detector = BoardDetector(settings.board)

    def add(self, look: Look) -> BoardView:
        """Take a look in as a view.

        Raises:
            CalibrationError: one of its kinds, if it is of no use.
        """
        view = self._try(look.rgb, look.ee_pose, keep=f"view_{len(self.views) + 1:02d}.png")
        self.views.append(view)
        return view

    def preview(self, rgb: NDArray[np.uint8], ee_pose: FloatArray) -> str:
        """Show what a view would be like now. Returns why it is of no use; empty if it is."""
        try:
            self._try(rgb, ee_pose)
        except CalibrationError as error:
            return str(error)
        return ""

    def _try(self, rgb: NDArray[np.uint8], ee_pose: FloatArray, keep: str = "") -> BoardView:
        detection: Detection | None = None
        trouble = ""
        try:
            detection = self._detector.detect(rgb)
            return self._checked(detection, ee_pose)
        except CalibrationError as error:
            trouble = str(error)
            raise
        finally:
            self._show(rgb, detection, trouble, keep)

    def _checked(self, detection: Detection, ee_pose: FloatArray) -> BoardView:
        limits = self._settings.views
        check_detection(detection, limits)
        pose, rms_px = board_pose(detection, self._settings.board, self._intrinsics)
        check_flatness(rms_px, limits)
        check_novelty(ee_pose, self.views, limits)
        return BoardView(ee_pose=ee_pose, detection=detection, optical_from_board=pose)

    def _show(
        self, rgb: NDArray[np.uint8], detection: Detection | None, trouble: str, keep: str
    ) -> None:
        if self._out is None:
            return
        title = f"{len(self.views)} views, {self._settings.views.min_views} are needed"
        page = draw_preview(rgb, detection, title=title, trouble=trouble)
        save_preview(page, self._out / PREVIEW)
        if keep and not trouble:
            save_preview(page, self._out / keep)


def collect_guided(
    cell: CalibrationCell,
    poses: Sequence[FloatArray],
    collection: ViewCollection,
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Bring the board to every pose and take a view there; one that is of no use is passed over.

    Raises:
        HardwareError: if the arm or the camera fails.
    """
    for number, pose in enumerate(poses, start=1):
        cell.move_to(pose)
        for left in reversed(range(_TRIES)):
            try:
                view = collection.add(cell.look())
            except CalibrationError as error:
                if left == 0:
                    say(f"pose {number} of {len(poses)}: passed over: {error}")
                continue
            say(
                f"pose {number} of {len(poses)}: {len(view.detection.ids)} corners, edges "
                f"{view.detection.edge_width_px:.1f} px"
            )
            break
