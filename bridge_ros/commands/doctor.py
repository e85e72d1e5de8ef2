"""`bridge-ros doctor`: what is missing on this machine, and what to do about it."""

from __future__ import annotations

import argparse

DESCRIPTION = "Look at this machine, and say what is missing and what to do about it."
EXAMPLES = """\
examples:
  bridge-ros doctor
  bridge-ros doctor --robot-host 172.16.0.2"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--robot-host", help="also try to reach an FR3 at this address")


def run(arguments: argparse.Namespace) -> int:
    """Look, and show what was found; 1 if anything needed is missing."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.supervisor import enter_ros_environment

    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.deploy.doctor import examine

    return Terminal().findings(examine(robot_host=arguments.robot_host))
