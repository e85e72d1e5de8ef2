"""The arguments of the verbs that start a deployment."""

from __future__ import annotations

import argparse

from bridge_ros.deploy.choices import PLANNER_BACKENDS


def add_deployment_arguments(parser: argparse.ArgumentParser) -> None:
    """Add scene, seed, planner and robot."""
    parser.add_argument(
        "--scene", help="the simulated scene (the one that the sentence fits, or tabletop)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the simulated scene (0)")
    parser.add_argument("--planner", choices=PLANNER_BACKENDS, default="classical")
    parser.add_argument(
        "--robot-host",
        help="address of the FR3 (default: that of config/controller.yaml); in simulation the "
        "loopback address of all simulated devices (127.0.0.1)",
    )
