"""`bridge-ros endure`: a simulated deployment, a sentence a minute, for as long as you like."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bridge_ros.deploy.choices import PLANNER_BACKENDS
from bridge_ros.errors import ConfigError

DESCRIPTION = """\
Start the simulated deployment, give it a sentence every minute, and keep how each ended by the
simulator's own truth, the timing of the 20 Hz targets, and what memory and handles every node has.
Writes endurance.json and endurance.png, after every sentence; Ctrl-C ends it early."""

EXAMPLES = """\
examples:
  bridge-ros endure                           # an hour
  bridge-ros endure --minutes 5 --out runs/five_minutes"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--minutes", type=int, default=60, help="as many sentences (60)")
    parser.add_argument("--seed", type=int, default=1040, help="of the scene (1040)")
    parser.add_argument("--planner", choices=PLANNER_BACKENDS, default="classical")
    parser.add_argument(
        "--robot-host",
        default="127.0.0.1",
        help="loopback address of all simulated devices (%(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("runs/endurance"),
        help="folder for report, picture and logs (%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; 0 if every sentence was done."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.deployment import Deployment
    from bridge_ros.deploy.supervisor import enter_ros_environment

    if arguments.minutes < 1:
        raise ConfigError(f"endure: expected --minutes of 1 or more, got {arguments.minutes}")
    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.lab.endurance.plot import draw_endurance
    from bridge_ros.lab.endurance.run import run_endurance
    from bridge_ros.lab.endurance.sentence_run import SentenceRun, endurance_report

    out: Path = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    deployment = Deployment(
        sim=True,
        seed=arguments.seed,
        planner=arguments.planner,
        robot_host=arguments.robot_host,
    )
    turns: list[SentenceRun] = []
    with Terminal() as terminal:
        for turn in run_endurance(
            deployment, arguments.minutes, logs=out / "logs", on_event=terminal.event
        ):
            turns.append(turn)
            terminal.event(f"{len(turns)}/{arguments.minutes} {turn}")
            report = json.dumps(endurance_report(turns), indent=2)
            (out / "endurance.json").write_text(report + "\n")
            draw_endurance(turns, out / "endurance.png")
    terminal.event(f"{out / 'endurance.png'}, endurance.json")
    return 0 if all(turn.success for turn in turns) else 1
