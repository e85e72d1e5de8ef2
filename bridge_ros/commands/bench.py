"""`bridge-ros bench`: how fast the parts are, and how a robot is driven."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.lab.bench.bench import PARTS

DESCRIPTION = """\
Measure how long the parts take, beside each other in one run, and print JSON. `arm` instead drives
a robot, or a simulated one, through its whole workspace: keep people out of it."""
EXAMPLES = """\
examples:
  bridge-ros bench
  bridge-ros bench expert --out expert.json
  bridge-ros bench planner --model runs/vlm/model --records runs/sft
  bridge-ros bench arm --robot-host 127.0.0.2 --seconds 600 --hostile 200"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("part", nargs="?", choices=("all", *PARTS, "arm"), default="all")
    parser.add_argument(
        "--model", metavar="FOLDER", help="a vision-language model to measure as the planner, too"
    )
    parser.add_argument(
        "--records",
        type=Path,
        metavar="FOLDER",
        help="of `annotate`: it also plans the held-out ones, and its errors are told",
    )
    group = parser.add_argument_group("of `arm`")
    group.add_argument("--robot-host", help="address of the FR3, or of what simulates one")
    group.add_argument("--seconds", type=float, default=60.0, help="of smooth targets (60)")
    group.add_argument("--hostile", type=int, default=40, help="misbehaviours after that (40)")
    group.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an entry of `arm` in config/controller.yaml that is to be different",
    )
    group.add_argument("--seed", type=int, default=1000, help="of path and misbehaviours (1000)")
    parser.add_argument("--out", type=Path, help="also write the JSON to this file")


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print the figures."""
    report = _arm(arguments) if arguments.part == "arm" else _parts(arguments)
    text = json.dumps(report, indent=2)
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n")
    return 0


def _parts(arguments: argparse.Namespace) -> dict[str, Any]:
    from bridge_ros.lab.bench.bench import bench

    return bench(arguments.part, model=arguments.model, records=arguments.records)


def _arm(arguments: argparse.Namespace) -> dict[str, Any]:
    from bridge_ros.lab.bench.arm_bench import ArmBenchSettings, bench_arm

    if arguments.robot_host is None:
        raise ConfigError("bench arm: expected --robot-host, the address of the robot to drive")
    return bench_arm(
        ArmBenchSettings(
            host=arguments.robot_host,
            seconds=arguments.seconds,
            hostile=arguments.hostile,
            arm=dict(_entry(text) for text in arguments.set),
            seed=arguments.seed,
        )
    )


def _entry(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"bench arm: expected --set KEY=VALUE, got {text!r}")
    return key, yaml.safe_load(value)
