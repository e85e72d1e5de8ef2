"""`bridge-ros faults`: injects faults into a live simulated deployment, and reports."""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = (
    "Brings the simulated arm into motion, injects one fault after the other, and measures how\n"
    "soon the arm holds, how far it moves after that, what status says, and whether the next\n"
    "sentence works. Writes faults.md, faults.json and faults.png; ends with 0 if all passed."
)
EXAMPLES = """\
examples:
  bridge-ros faults
  bridge-ros faults --list
  bridge-ros faults --only camera_stalled arm_cut --out runs/two_faults
  bridge-ros faults --resume              # what an interrupted run left out"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these faults")
    parser.add_argument("--list", action="store_true", help="name them, and do nothing")
    parser.add_argument(
        "--seed", type=int, default=1000, help="of the scene and of the faults' moments (1000)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("runs/faults"), help="folder for the report (runs/faults)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="leave out what the folder's report has already"
    )
    parser.add_argument(
        "--robot-host",
        default="127.0.0.1",
        help="loopback address of all simulated devices (127.0.0.1); the next one is used as well",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the campaign; 0 if all chosen faults passed."""
    from bridge_ros.deploy.supervisor import enter_ros_environment

    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.lab.faults.campaign import run_campaign
    from bridge_ros.lab.faults.catalogue import all_faults, chosen
    from bridge_ros.lab.faults.report import load_results, write_report

    faults = chosen(arguments.only)
    terminal = Terminal()
    if arguments.list:
        for fault in faults:
            print(f"{fault.name:24} {fault.expect.value:9} {fault.what}")
        return 0
    results = {}
    if arguments.resume:
        results = {result.name: result for result in load_results(arguments.out)}
    due = [fault for fault in faults if fault.name not in results]
    campaign = run_campaign(
        due,
        host=arguments.robot_host,
        seed=arguments.seed,
        logs=arguments.out / "logs",
        on_event=terminal.event,
    )
    order = list(all_faults())
    for number, result in enumerate(campaign, 1):
        results[result.name] = result
        write_report(sorted(results.values(), key=lambda r: order.index(r.name)), arguments.out)
        verdict = "passed" if result.passed else "; ".join(result.shortcomings)
        terminal.event(f"{number} of {len(due)}, {result.name}: {verdict}")
    failed = [fault.name for fault in faults if not results[fault.name].passed]
    terminal.event(f"{len(faults) - len(failed)} of {len(faults)} passed; see {arguments.out}")
    return 1 if failed else 0
