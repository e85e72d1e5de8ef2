"""The command `bridge-ros train pretrain`; torch is loaded only to run it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bridge_ros.commands.train.training_command import add_run_arguments, carry_out, settings_of
from bridge_ros.lab.training.pretrain_settings import PretrainSettings
from bridge_ros.settings.resources import resource_path

EXAMPLES = """examples:
  bridge-ros train pretrain --out runs/pretrain
  bridge-ros train pretrain --out runs/pretrain --resume
  bridge-ros train pretrain --evaluate models/action_expert
  accelerate launch --multi_gpu -m bridge_ros.commands.train.pretrain --device cuda
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `bridge-ros train pretrain`."""
    add_run_arguments(parser, "pretrain", EXAMPLES, ("trajectories", int, "trajectories to sample"))
    parser.add_argument(
        "--evaluate", type=Path, metavar="FOLDER", help="only print the figures of a checkpoint"
    )


def run(args: argparse.Namespace) -> int:
    """Carry out `bridge-ros train pretrain`; returns the exit status."""
    from bridge_ros.expert.configuration import ExpertConfig
    from bridge_ros.lab.training.pretraining import Pretraining, evaluate_checkpoint

    if args.evaluate is not None:
        print(json.dumps(evaluate_checkpoint(resource_path(args.evaluate)), indent=2))
        return 0
    settings = settings_of(args, PretrainSettings)
    return carry_out(args, Pretraining(settings, ExpertConfig(), args.out))


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m bridge_ros.commands.train.pretrain`."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    raise SystemExit(main())
