"""`bridge-ros train pretrain`: the expert learns to follow trajectories."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bridge_ros.commands.train.training_command import add_run_arguments, carry_out, settings_of
from bridge_ros.commands.verb import run_as_program
from bridge_ros.lab.training.pretrain_settings import PretrainSettings
from bridge_ros.settings.resources import resource_path

DESCRIPTION = """\
Action pre-training (the paper's first stage): the expert learns to follow trajectories that are
sampled on the fly, without clouds. Writes a checkpoint, its figures and the losses as a picture;
Ctrl-C leaves a resume point."""
EXAMPLES = """\
examples:
  bridge-ros train pretrain --out runs/pretrain
  bridge-ros train pretrain --out runs/pretrain --resume
  bridge-ros train pretrain --evaluate models/action_expert
  accelerate launch --multi_gpu -m bridge_ros.commands.train.pretrain --device cuda"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage's arguments."""
    add_run_arguments(parser, "pretrain", ("trajectories", int, "trajectories to sample"))
    parser.add_argument(
        "--evaluate", type=Path, metavar="FOLDER", help="only print the figures of a checkpoint"
    )


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status."""
    from bridge_ros.expert.configuration import ExpertConfig
    from bridge_ros.lab.training.pretraining import Pretraining, evaluate_checkpoint

    if args.evaluate is not None:
        print(json.dumps(evaluate_checkpoint(resource_path(args.evaluate)), indent=2))
        return 0
    settings = settings_of(args, PretrainSettings)
    return carry_out(args, Pretraining(settings, ExpertConfig(), args.out))


if __name__ == "__main__":
    run_as_program(__name__)
