"""`bridge-ros up`: the whole deployment, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from bridge_ros.commands.deployment_arguments import add_deployment_arguments
from bridge_ros.deploy.choices import CAMERA_SOURCES

DESCRIPTION = """\
Run the nodes of the deployment, and restart what dies, until Ctrl-C: that stops the arm and ends
everything."""
EXAMPLES = """\
examples:
  bridge-ros up --sim
  bridge-ros up --sim --scene calibration --seed 101
  bridge-ros up --robot-host 172.16.0.2 --extrinsics config/extrinsics/lab.yaml --logs runs/logs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "--sim", action="store_true", help="simulated devices in place of the real ones"
    )
    parser.add_argument("--camera", choices=CAMERA_SOURCES, default="realsense")
    parser.add_argument("--extrinsics", help="calibration file of the camera")
    parser.add_argument(
        "--logs", type=Path, help="folder for the nodes' logs (default: the terminal)"
    )
    add_deployment_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.deployment import Deployment
    from bridge_ros.deploy.supervisor import Supervisor

    deployment = Deployment(
        sim=arguments.sim,
        scene=arguments.scene or "tabletop",
        seed=arguments.seed,
        planner=arguments.planner,
        camera=arguments.camera,
        robot_host=arguments.robot_host,
        extrinsics=arguments.extrinsics,
    )
    terminal = Terminal()
    terminal.event("starting; Ctrl-C stops the arm and ends everything")
    with Supervisor(deployment.nodes(), log_dir=arguments.logs, on_event=terminal.event):
        try:
            signal.pause()
        except KeyboardInterrupt:
            terminal.event("stopping")
    return 0
