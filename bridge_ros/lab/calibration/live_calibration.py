"""Calibrates the camera of the running graph, with the arm moved by the graph or by a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
from bridge_ros.lab.calibration.collection import PREVIEW, ViewCollection, collect_guided
from bridge_ros.lab.calibration.graph_cell import GraphCell
from bridge_ros.lab.calibration.guided_poses import guided_poses
from bridge_ros.lab.calibration.hand_guided import collect_by_hand
from bridge_ros.lab.calibration.result_files import write_report
from bridge_ros.lab.calibration.solution import Calibration, calibrate
from bridge_ros.lab.calibration.typed_lines import TypedLines
from bridge_ros.settings.config_file import node_section

_READY_TIMEOUT_S = 15.0

Say = Callable[[str], None]


def calibrate_live(
    settings: CalibrationSettings,
    out: Path,
    *,
    guess: FloatArray | None,
    before_motion: Callable[[str], None],
    say: Say,
) -> Calibration:
    """Take views in the running graph, and find the camera's pose.

    Args:
        out: for the preview, the views and report.json.
        guess: `(7,)` about where the camera is in base; None if a person guides the arm.
        before_motion: told what the arm is about to do, before it does anything; may raise.

    Raises:
        BridgeError: if the graph is not ready, the arm fails, or the views are of no use.
    """
    with GraphCell(settings.motion) as cell:
        cell.wait_ready(_READY_TIMEOUT_S)
        collection = ViewCollection(settings, cell.intrinsics, out)
        say(f"what the camera sees: {out / PREVIEW}")
        if guess is None:
            collect_by_hand(cell, collection, TypedLines().read, say)
        else:
            poses = _poses(guess, settings, cell)
            before_motion(
                f"at up to {settings.motion.speed_m_s:g} m/s, to {len(poses)} poses with the board "
                "in its gripper"
            )
            collect_guided(cell, poses, collection, say)
            cell.release()
        found = calibrate(
            collection.views,
            settings.board,
            cell.intrinsics,
            limits=settings.views,
            verdict_limits=settings.verdict,
        )
    write_report(out / "report.json", found, collection.views)
    return found


def _poses(guess: FloatArray, settings: CalibrationSettings, cell: GraphCell) -> list[FloatArray]:
    controller = node_section("controller")
    return guided_poses(
        cell.ee_pose(),
        guess,
        board=settings.board,
        intrinsics=cell.intrinsics,
        reach=Fr3Reach(
            flange_to_tcp=GripperModel.load(controller["arm"]["tool_file"]).flange_to_tcp,
            home_joints=tuple(controller["behaviour"]["home_joints"]),
        ),
        settings=settings.guidance,
    )
