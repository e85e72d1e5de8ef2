"""`bridge-ros demo`: one sentence in the simulated cell, from start to report."""

from __future__ import annotations

import argparse
from pathlib import Path

from bridge_ros.commands.deployment_arguments import add_deployment_arguments

DESCRIPTION = """\
Start the simulated deployment, carry out one sentence, and let the simulator judge it. Writes
pictures and figures."""
EXAMPLES = """\
examples:
  bridge-ros demo
  bridge-ros demo "put the toy into the basket" --seed 3
  bridge-ros demo "stack the cups" --planner vlm --out runs/cups"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("sentence", nargs="?", default="pick up the red cube")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/demo"), help="folder for the report (%(default)s)"
    )
    add_deployment_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Carry it out; 0 if the simulator agrees that the sentence is done."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.deployment import Deployment
    from bridge_ros.deploy.supervisor import enter_ros_environment
    from bridge_ros.sim.registry import scene_for

    deployment = Deployment(
        sim=True,
        scene=arguments.scene or scene_for(arguments.sentence),
        seed=arguments.seed,
        planner=arguments.planner,
        robot_host=arguments.robot_host,
    )
    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.lab.evaluation.live_trial import run_demo

    with Terminal() as terminal:
        summary = run_demo(
            arguments.sentence,
            deployment,
            arguments.out,
            on_event=terminal.event,
            on_status=terminal.status,
        )
    terminal.report(summary, arguments.out)
    return 0 if summary["success"] else 1
