"""`bridge-ros calibrate`: where the fixed camera is, from a board that the gripper holds."""

from __future__ import annotations

import argparse
import json
import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bridge_ros.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge_ros.geometry.poses import FloatArray
    from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings
    from bridge_ros.lab.calibration.recheck import Shift
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
    from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings

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
    return _calibrate(arguments, settings)


def _simulate(arguments: argparse.Namespace, settings: CalibrationSettings) -> int:
    from bridge_ros.lab.calibration.simulation import calibrate_simulated

    accurate = 0
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        out = arguments.out and arguments.out / f"seed_{seed}"
        result = calibrate_simulated(seed, settings, out=out)
        accurate += result.accurate
        print(json.dumps({"seed": seed, **result.figures()}), flush=True)
    print(f"{accurate} of {arguments.seeds} within 2 mm and 0.2 degrees of the truth")
    return 0 if accurate == arguments.seeds else 1


def _rough(arguments: argparse.Namespace) -> int:
    import numpy as np

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


def _calibrate(arguments: argparse.Namespace, settings: CalibrationSettings) -> int:
    from bridge_ros.commands.terminal import Terminal, ask_before_motion
    from bridge_ros.deploy.agreement import check_within_controller
    from bridge_ros.deploy.supervisor import enter_ros_environment

    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.lab.calibration.live_calibration import calibrate_live
    from bridge_ros.lab.calibration.recheck import shift_since

    say = Terminal().event
    path: Path = arguments.extrinsics
    before = _pose_in(path) if arguments.check else None
    guess = None
    if not arguments.hand_guided:
        box = settings.guidance.workspace
        check_within_controller(box, f"{arguments.config}: guidance.workspace")
        guess = _pose_in(arguments.guess or (path if path.exists() else _NOMINAL))
    found = calibrate_live(
        settings,
        arguments.out or Path("runs/calibration"),
        guess=guess,
        before_motion=lambda what: ask_before_motion("calibrate", what, yes=arguments.yes),
        say=say,
    )
    _tell(found, say)
    if before is None:
        return _write(path, found, say)
    return _check(path, shift_since(found, before, settings.verdict), say)


def _tell(found: Calibration, say: Callable[[str], None]) -> None:
    import numpy as np

    rejected = np.flatnonzero(~found.used) + 1
    say(
        f"{np.count_nonzero(found.used)} views used"
        + (f", views {rejected.tolist()} left out" if len(rejected) else "")
        + f"; reprojection {found.rms_px:.2f} px (worst view "
        f"{found.view_rms_px[found.used].max():.2f}); the camera is uncertain by "
        f"{1e3 * found.position_std_m:.2f} mm and {np.degrees(found.rotation_std_rad):.3f} degrees"
    )
    say(f"verdict: {found.verdict}")


def _check(path: Path, shift: Shift, say: Callable[[str], None]) -> int:
    from bridge_ros.lab.calibration.recheck import Recheck

    say(
        f"the camera is {1e3 * shift.position_m:.2f} mm and "
        f"{math.degrees(shift.rotation_rad):.3f} degrees from where {path} says"
    )
    if shift.meaning is Recheck.HOLDS:
        say("the calibration holds")
        return 0
    if shift.meaning is Recheck.POOR:
        say("this measurement is too poor to tell; mend what the verdict names, and check again")
    else:
        say("the calibration no longer holds: fix the camera's stand, and calibrate again")
    return 1


def _write(path: Path, found: Calibration, say: Callable[[str], None]) -> int:
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
    from bridge_ros.settings.resources import resource_path

    return load_extrinsics(resource_path(path)).base_from_optical
