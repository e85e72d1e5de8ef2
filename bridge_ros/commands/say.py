"""`bridge-ros say`: a sentence to a running deployment."""

from __future__ import annotations

import argparse

DESCRIPTION = """\
Give a sentence to a running deployment, show how it is carried out, and wait for its end. Ctrl-C
cancels it: the arm stops safely."""
EXAMPLES = """\
examples:
  bridge-ros say "pick up the red cube"
  bridge-ros say "put the toy into the basket" --timeout 120"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("sentence")
    parser.add_argument("--timeout", type=float, default=300.0, metavar="S", help="seconds (300)")


def run(arguments: argparse.Namespace) -> int:
    """Give it, and wait; 0 if the deployment says that it is done."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.supervisor import enter_ros_environment

    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.graph.operator import Operator

    with Terminal() as terminal, Operator() as operator:
        operator.on_status = terminal.status
        outcome = operator.execute(arguments.sentence, arguments.timeout)
    terminal.event(f"{outcome.outcome}: {outcome.message}")
    return 0 if outcome.success else 1
