"""Writes a calibration: the extrinsics file that the graph reads, and a report with all figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge_ros.camera.extrinsics import (
    D435_LINK_FROM_OPTICAL,
    CameraExtrinsics,
    save_extrinsics,
)
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.calibration.board_view import BoardView
from bridge_ros.lab.calibration.solution import Calibration

_MEASURED = """\
# Where the camera is: written by `bridge-ros calibrate` on {when}, from {used} views
# of a board in the gripper. Verdict: {grade}. Reprojection {rms_px:.2f} px; uncertain by
# {std_mm:.2f} mm and {std_deg:.3f} degrees. `bridge-ros calibrate --check` tells whether it holds.
"""
_ROUGH = """\
# Where the camera roughly is: written by `bridge-ros calibrate --rough` on {when}, from a
# tape measure. Good enough to calibrate with, not to grasp with.
"""


def write_extrinsics(
    path: Path, calibration: Calibration, link_from_optical: FloatArray, *, when: str
) -> None:
    """Write the extrinsics file; one that was there is kept as `<name>.previous.yaml`.

    Args:
        link_from_optical: `(7,)` the optical frame in the camera's housing.
        when: date and time, for the reader.
    """
    used = int(np.count_nonzero(calibration.used))
    origin = _MEASURED.format(
        when=when,
        used=used,
        grade=calibration.verdict.grade,
        rms_px=calibration.rms_px,
        std_mm=1e3 * calibration.position_std_m,
        std_deg=np.degrees(calibration.rotation_std_rad),
    )
    found = CameraExtrinsics(
        base_from_optical=calibration.base_from_optical, link_from_optical=link_from_optical
    )
    save_extrinsics(path, found, origin=origin)


def write_rough_extrinsics(path: Path, base_from_optical: FloatArray, *, when: str) -> None:
    """Write where the camera `(7,)` roughly is; what was there is kept as above."""
    rough = CameraExtrinsics(
        base_from_optical=base_from_optical, link_from_optical=D435_LINK_FROM_OPTICAL
    )
    save_extrinsics(path, rough, origin=_ROUGH.format(when=when))


def report(calibration: Calibration, views: Sequence[BoardView]) -> dict[str, object]:
    """All figures of a calibration, for JSON."""
    return {
        "verdict": calibration.verdict.grade,
        "reasons": list(calibration.verdict.reasons),
        "base_from_optical": calibration.base_from_optical.tolist(),
        "ee_from_board": calibration.ee_from_board.tolist(),
        "rms_px": calibration.rms_px,
        "position_std_mm": 1e3 * calibration.position_std_m,
        "rotation_std_deg": float(np.degrees(calibration.rotation_std_rad)),
        "board_scale": calibration.board_scale,
        "views": [
            {
                "used": bool(used),
                "rms_px": float(rms_px),
                "ee_pose": view.ee_pose.tolist(),
                "edge_width_px": view.detection.edge_width_px,
                "ids": view.detection.ids.tolist(),
                "corners_px": view.detection.corners_px.round(3).tolist(),
            }
            for view, used, rms_px in zip(
                views, calibration.used, calibration.view_rms_px, strict=True
            )
        ],
    }


def write_report(path: Path, calibration: Calibration, views: Sequence[BoardView]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report(calibration, views), indent=1) + "\n", encoding="utf-8")
