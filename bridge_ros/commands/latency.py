"""`bridge-ros latency`: how late the arm follows, and whether the camera's stamps are right."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from bridge_ros.errors import ConfigError

if TYPE_CHECKING:
    from bridge_ros.lab.calibration.latency import Latency

DESCRIPTION = """\
Measure how late the arm follows its targets, and how far the stamps of the camera's pictures are
off the arm's own. The hand is led to and fro in view of the camera, through /bridge/target_pose,
under the controller's checks. The graph must be up."""

EXAMPLES = """\
examples:
  bridge-ros latency
  bridge-ros latency --at 0.5 0 0.2 --axis x --amplitude 0.03
  bridge-ros latency --yes                      # the simulated cell, after bridge-ros up --sim"""

_AXES = {"x": 0, "y": 1, "z": 2}
_LATE_ARM_S = 0.2
_OFF_CAMERA_S = 0.034
"""A picture at 30 Hz."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "--at",
        type=float,
        nargs=3,
        default=(0.45, 0.0, 0.25),
        metavar=("X", "Y", "Z"),
        help="the middle of the motion in base, seen by the camera [m] (0.45 0 0.25)",
    )
    parser.add_argument(
        "--axis", choices=tuple(_AXES), default="y", help="of base, to move along (y)"
    )
    parser.add_argument(
        "--amplitude", type=float, default=0.04, metavar="M", help="either way [m] (0.04)"
    )
    parser.add_argument("--strokes", type=int, default=8, help="to and fro counts as two (8)")
    parser.add_argument("--yes", action="store_true", help="do not ask before the arm moves")
    parser.add_argument(
        "--config", default="config/calibration.yaml", help="the speed, under motion (%(default)s)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/latency"),
        help="folder for latency.png and report.json (%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; 0 if both delays are as they should be."""
    if not 0.01 <= arguments.amplitude <= 0.1 or not 4 <= arguments.strokes <= 40:
        raise ConfigError(
            "latency: expected an amplitude from 0.01 to 0.1 m and 4 to 40 strokes, got "
            f"{arguments.amplitude} and {arguments.strokes}"
        )
    if not all(map(math.isfinite, arguments.at)):
        raise ConfigError(f"latency: --at: expected three numbers [m], got {arguments.at}")
    latency = _measure(arguments)
    from bridge_ros.lab.calibration.latency_plot import draw_latency

    arguments.out.mkdir(parents=True, exist_ok=True)
    draw_latency(latency, arguments.out / "latency.png")
    figures = {
        name: {
            "delay_ms": round(1e3 * delay.seconds),
            "likeness": round(delay.likeness, 4),
        }
        for name, delay in (("arm", latency.arm), ("camera", latency.camera))
    }
    text = json.dumps(figures, indent=2)
    (arguments.out / "report.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    return _verdict(latency)


def _measure(arguments: argparse.Namespace) -> Latency:
    from bridge_ros.commands.terminal import ask_before_motion
    from bridge_ros.deploy.supervisor import enter_ros_environment
    from bridge_ros.lab.calibration.calibration_settings import CalibrationSettings

    settings = CalibrationSettings.load(arguments.config).motion
    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.lab.calibration.live_latency import measure_live

    ask_before_motion(
        "latency",
        f"to {list(arguments.at)} m in base and {arguments.strokes} times "
        f"{200 * arguments.amplitude:g} cm along {arguments.axis} there, at up to "
        f"{settings.speed_m_s:g} m/s",
        yes=arguments.yes,
    )
    return measure_live(
        settings,
        at_m=arguments.at,
        axis=_AXES[arguments.axis],
        amplitude_m=arguments.amplitude,
        strokes=arguments.strokes,
    )


def _verdict(latency: Latency) -> int:
    from bridge_ros.commands.terminal import Terminal

    say = Terminal().event
    arm_s, camera_s = latency.arm.seconds, latency.camera.seconds
    say(f"the arm is where a target wanted it {1e3 * arm_s:.0f} ms later")
    late = "late" if camera_s >= 0.0 else "early"
    say(f"pictures are stamped {1e3 * abs(camera_s):.0f} ms too {late}, by the arm's clock")
    good = True
    if arm_s > _LATE_ARM_S:
        say(
            f"the arm is slow: expected at most {1e3 * _LATE_ARM_S:.0f} ms; see arm's stiffness "
            "in config/controller.yaml, and the load of this computer"
        )
        good = False
    if abs(camera_s) > _OFF_CAMERA_S:
        say(
            "the camera's clock is off by more than a picture; bridge-ros maps its device time: "
            "see the camera node on /diagnostics, and the clocks if it runs on another computer"
        )
        good = False
    return 0 if good else 1
