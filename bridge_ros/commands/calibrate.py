"""`bridge-ros calibrate`: where the fixed camera is, from a board that the gripper holds."""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray, rotation_between
from bridge_ros.settings.resources import resource_path

if TYPE_CHECKING:
    from bridge_ros.lab.calibration.graph_cell import GraphCell
    from bridge_ros.lab.calibration.settings import CalibrationSettings
    from bridge_ros.lab.calibration.solution import Calibration

DESCRIPTION = """\
Find where the fixed camera is. The gripper holds a ChArUco board; the arm brings it to poses in
view of the camera (or you guide it by hand), and the camera's pose is what explains all pictures.
The graph must be up; the arm moves through /bridge/target_pose, under the controller's checks."""

EXAMPLES = """\
examples:
  bridge-ros calibrate --print board.pdf                      # the board, to print at true size
  bridge-ros calibrate --rough 1.2 0 0.7 0.45 0 0 --extrinsics config/extrinsics/lab.yaml
  bridge-ros calibrate --extrinsics config/extrinsics/lab.yaml
  bridge-ros calibrate --extrinsics config/extrinsics/lab.yaml --hand-guided
  bridge-ros calibrate --extrinsics config/extrinsics/lab.yaml --check
  bridge-ros calibrate --simulate --seed 1000 --seeds 10      # against the truth, no graph"""

_NOMINAL = "config/extrinsics/sim.yaml"
_READY_TIMEOUT_S = 15.0
_PREVIEW_PERIOD_S = 0.5
_ACCURATE_M = 0.002
_ACCURATE_RAD = float(np.radians(0.2))

Say = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="measure again, compare with the file")
    what.add_argument(
        "--simulate",
        action="store_true",
        help="calibrate simulated cameras, compare with the truth",
    )
    what.add_argument(
        "--print", type=Path, metavar="FILE", help="only write the board, as .pdf or .png"
    )
    what.add_argument(
        "--rough",
        type=float,
        nargs=6,
        metavar=("X", "Y", "Z", "AT_X", "AT_Y", "AT_Z"),
        help="only write a rough file, from where the camera is and what point it looks at, "
        "measured by tape in the robot's base frame [m]",
    )
    parser.add_argument(
        "--extrinsics", type=Path, metavar="FILE", help="the calibration file to write or to check"
    )
    parser.add_argument(
        "--guess",
        metavar="FILE",
        help="where the camera roughly is, to find poses in its view (default: the calibration "
        f"file if there is one, else {_NOMINAL})",
    )
    parser.add_argument(
        "--hand-guided", action="store_true", help="you move the arm, and press Enter for a view"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before the arm moves")
    parser.add_argument(
        "--config", default="config/calibration.yaml", help="the settings (%(default)s)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="folder for preview.png, the views and report.json (runs/calibration; with "
        "--simulate: none)",
    )
    parser.add_argument("--paper", default="a4", help="a4, a3 or letter, for --print (a4)")
    parser.add_argument("--seed", type=int, default=1000, help="the first, for --simulate (1000)")
    parser.add_argument("--seeds", type=int, default=1, help="how many, for --simulate (1)")


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; returns the exit status: 0 if the calibration is good or fair, or holds."""
    from bridge_ros.lab.calibration.settings import CalibrationSettings

    settings = CalibrationSettings.load(arguments.config)
    if arguments.print is not None:
        from bridge_ros.lab.calibration.board_print import write_board

        write_board(settings.board, arguments.print, arguments.paper)
        print(f"{arguments.print}: print it at 100 %, measure the line, glue it on a stiff plate")
        return 0
    if arguments.simulate:
        return _simulate(arguments, settings)
    if arguments.extrinsics is None:
        raise ConfigError(
            "calibrate: expected --extrinsics FILE, the calibration to write or check"
        )
    if arguments.rough is not None:
        return _rough(arguments)
    from bridge_ros.commands.terminal import Terminal

    return _calibrate(arguments, settings, Terminal().event)


def _simulate(arguments: argparse.Namespace, settings: CalibrationSettings) -> int:
    from bridge_ros.lab.calibration.simulation import calibrate_simulated

    rows = []
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        result = calibrate_simulated(
            seed, settings, out=arguments.out and arguments.out / f"seed_{seed}"
        )
        found = result.calibration
        accurate = (
            result.position_error_m <= _ACCURATE_M and result.rotation_error_rad <= _ACCURATE_RAD
        )
        rows.append(
            {
                "seed": seed,
                "accurate": accurate,
                "position_error_mm": round(1e3 * result.position_error_m, 3),
                "rotation_error_deg": round(float(np.degrees(result.rotation_error_rad)), 4),
                "board_in_hand_error_mm": round(1e3 * result.board_error_m, 3),
                "views_used": int(np.count_nonzero(found.used)),
                "rms_px": round(found.rms_px, 3),
                "position_std_mm": round(1e3 * found.position_std_m, 3),
                "rotation_std_deg": round(float(np.degrees(found.rotation_std_rad)), 4),
                "verdict": found.verdict.grade,
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    passed = sum(bool(row["accurate"]) for row in rows)
    print(f"{passed} of {len(rows)} within 2 mm and 0.2 degrees of the truth")
    return 0 if passed == len(rows) else 1


def _rough(arguments: argparse.Namespace) -> int:
    from bridge_ros.geometry.poses import look_at
    from bridge_ros.lab.calibration.result_files import write_rough_extrinsics

    position, target = np.array(arguments.rough[:3]), np.array(arguments.rough[3:])
    if np.linalg.norm((target - position)[:2]) < 0.01:
        raise ConfigError(
            "--rough: expected a camera that does not look straight up or down, "
            f"got {position.tolist()} looking at {target.tolist()}"
        )
    write_rough_extrinsics(arguments.extrinsics, look_at(position, target), when=_now())
    print(f"{arguments.extrinsics}: written; good enough to calibrate with, not to grasp with")
    return 0


def _calibrate(arguments: argparse.Namespace, settings: CalibrationSettings, say: Say) -> int:
    from bridge_ros.commands.terminal import ask_before_motion
    from bridge_ros.deploy.supervisor import ros_environment
    from bridge_ros.lab.calibration.collection import PREVIEW, ViewCollection, collect_guided
    from bridge_ros.lab.calibration.hand_guided import collect_by_hand
    from bridge_ros.lab.calibration.result_files import write_report
    from bridge_ros.lab.calibration.solution import calibrate

    os.environ.update(ros_environment())
    from bridge_ros.lab.calibration.graph_cell import GraphCell

    out = arguments.out or Path("runs/calibration")
    if arguments.check:
        _pose_in(arguments.extrinsics)
    with GraphCell(settings.motion) as cell:
        cell.wait_ready(_READY_TIMEOUT_S)
        collection = ViewCollection(settings, cell.intrinsics, out)
        say(f"what the camera sees: {out / PREVIEW}")
        if arguments.hand_guided:
            collect_by_hand(cell, collection, _Typed().read_line, say)
        else:
            poses = _poses(arguments, settings, cell)
            ask_before_motion(
                "calibrate",
                f"at up to {settings.motion.speed_m_s:g} m/s, to {len(poses)} poses with the board "
                "in its gripper",
                yes=arguments.yes,
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
    _tell(found, say)
    if arguments.check:
        return _check(arguments.extrinsics, found, settings, say)
    return _write(arguments.extrinsics, found, say)


def _poses(
    arguments: argparse.Namespace, settings: CalibrationSettings, cell: GraphCell
) -> list[FloatArray]:
    from bridge_ros.deploy.agreement import check_within_controller
    from bridge_ros.hardware.fr3_reach import Fr3Reach
    from bridge_ros.hardware.gripper_model import GripperModel
    from bridge_ros.lab.calibration.guided_poses import guided_poses
    from bridge_ros.settings.config_file import node_section

    exists = arguments.extrinsics.exists()
    guess = arguments.guess or (arguments.extrinsics if exists else _NOMINAL)
    controller = node_section("controller")
    check_within_controller(settings.guidance.workspace, f"{arguments.config}: guidance.workspace")
    return guided_poses(
        cell.ee_pose(),
        _pose_in(guess),
        board=settings.board,
        intrinsics=cell.intrinsics,
        reach=Fr3Reach(
            flange_to_tcp=GripperModel.load(controller["arm"]["tool_file"]).flange_to_tcp,
            home_joints=tuple(controller["behaviour"]["home_joints"]),
        ),
        settings=settings.guidance,
    )


class _Typed:
    """Lines from the keyboard, waited for in a thread of their own."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, name="keyboard", daemon=True).start()

    def read_line(self) -> str | None:
        try:
            return self._lines.get(timeout=_PREVIEW_PERIOD_S)
        except queue.Empty:
            return None

    def _listen(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("q")


def _tell(found: Calibration, say: Say) -> None:
    rejected = np.flatnonzero(~found.used) + 1
    say(
        f"{np.count_nonzero(found.used)} views used"
        + (f", views {rejected.tolist()} left out" if len(rejected) else "")
        + f"; reprojection {found.rms_px:.2f} px (worst view "
        f"{found.view_rms_px[found.used].max():.2f}); the camera is uncertain by "
        f"{1e3 * found.position_std_m:.2f} mm and {np.degrees(found.rotation_std_rad):.3f} degrees"
    )
    say(f"verdict: {found.verdict}")


def _check(path: Path, found: Calibration, settings: CalibrationSettings, say: Say) -> int:
    before, limits = _pose_in(path), settings.verdict
    shift_m = float(np.linalg.norm(found.base_from_optical[:3] - before[:3]))
    turn_rad = rotation_between(found.base_from_optical, before)
    say(
        f"the camera is {1e3 * shift_m:.2f} mm and {np.degrees(turn_rad):.3f} degrees from where "
        f"{path} says"
    )
    if found.verdict.grade == "poor":
        say("this measurement is too poor to tell; mend what the verdict names, and check again")
        return 1
    if shift_m <= limits.check_position_m and turn_rad <= limits.check_rotation_rad:
        say("the calibration holds")
        return 0
    say("the calibration no longer holds: fix the camera's stand, and calibrate again")
    return 1


def _write(path: Path, found: Calibration, say: Say) -> int:
    from bridge_ros.camera.extrinsics import D435_LINK_FROM_OPTICAL, load_extrinsics
    from bridge_ros.lab.calibration.errors import PoorCalibrationError
    from bridge_ros.lab.calibration.result_files import write_extrinsics

    if found.verdict.grade == "poor":
        raise PoorCalibrationError(f"calibration: nothing was written: {found.verdict}")
    link = load_extrinsics(path).link_from_optical if path.exists() else D435_LINK_FROM_OPTICAL
    write_extrinsics(path, found, link, when=_now())
    say(f"written: {path}; the trajectory node reads it when it starts: bridge-ros up --extrinsics")
    return 0


def _now() -> str:
    return f"{datetime.now():%Y-%m-%d %H:%M}"


def _pose_in(path: str | Path) -> FloatArray:
    """The camera's pose `(7,)` in base that a calibration file holds."""
    from bridge_ros.camera.extrinsics import load_extrinsics

    return load_extrinsics(resource_path(path)).base_from_optical
