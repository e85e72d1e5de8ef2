"""Writes a calibration: the extrinsics file that the graph reads, and a report with all figures."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.calibration.solution import Calibration
from bridge_ros.lab.calibration.view import View

D435_LINK_FROM_OPTICAL: FloatArray = np.array([0.0, 0.015, 0.0, -0.5, 0.5, -0.5, 0.5])
"""`(7,)` nominal pose of a D435's colour camera in the frame of its housing."""

_MEASURED = """\
# Where the camera is: written by `bridge-ros calibrate` on {when}, from {used} views
# of a board in the gripper. Verdict: {grade}. Reprojection {rms_px:.2f} px; uncertain by
# {std_mm:.2f} mm and {std_deg:.3f} degrees. `bridge-ros calibrate --check` tells whether it holds.
"""
_ROUGH = """\
# Where the camera roughly is: written by `bridge-ros calibrate --rough` on {when}, from a
# tape measure. Good enough to calibrate with, not to grasp with.
"""
_TEXT = """\
{origin}
# Pose of the colour camera's optical frame (x right, y down, z out) in base.
base_from_optical:
{base_from_optical}

# The same frame in camera_link, the frame of the housing: the D435's nominal geometry.
link_from_optical:
{link_from_optical}
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
    _write(path, origin, calibration.base_from_optical, link_from_optical)


def write_rough_extrinsics(path: Path, base_from_optical: FloatArray, *, when: str) -> None:
    """Write where the camera `(7,)` roughly is; what was there is kept as above."""
    _write(path, _ROUGH.format(when=when), base_from_optical, D435_LINK_FROM_OPTICAL)


def _write(
    path: Path, origin: str, base_from_optical: FloatArray, link_from_optical: FloatArray
) -> None:
    text = _TEXT.format(
        origin=origin,
        base_from_optical=_entries(base_from_optical),
        link_from_optical=_entries(link_from_optical),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        os.replace(path, path.with_suffix(".previous" + path.suffix))
    path.write_text(text, encoding="utf-8")


def report(calibration: Calibration, views: Sequence[View]) -> dict[str, object]:
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


def write_report(path: Path, calibration: Calibration, views: Sequence[View]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report(calibration, views), indent=1) + "\n", encoding="utf-8")


def _entries(pose: FloatArray) -> str:
    position = ", ".join(f"{value:.6f}" for value in pose[:3])
    quaternion = ", ".join(f"{value:.9f}" for value in pose[3:])
    return f"  position_m: [{position}]\n  quaternion_xyzw: [{quaternion}]"
