"""`bridge-ros train draw`: shards of interactions for fine-tuning."""

from __future__ import annotations

import argparse
from pathlib import Path

from bridge_ros.commands.train.training_command import settings_of
from bridge_ros.commands.verb import run_as_program
from bridge_ros.lab.training.finetune_settings import FinetuneSettings

DESCRIPTION = """\
Draw the contacts that fine-tuning sees, as files of one batch each: guidance with its errors, and
the clouds that tell of them. What is there already is not drawn again."""
EXAMPLES = """\
examples:
  bridge-ros train draw --out runs/interactions --count 2000     # 512,000 samples
  bridge-ros train draw --out runs/interactions --count 2000     # again: draws what is missing
  bridge-ros train draw --out runs/interactions --first 2000 --count 2000   # elsewhere, as well
  bridge-ros train draw --start models/action_expert             # to train the shipped expert on"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage's arguments."""
    parser.add_argument("--config", default="config/training/finetune.yaml", help="settings file")
    parser.add_argument(
        "--start",
        help="checkpoint to be trained, which shapes the samples; overrides --config",
    )
    parser.add_argument(
        "--goal-noise-scale",
        type=float,
        help="how rough the guidance's keypoints are (paper: 0.1); overrides --config",
    )
    parser.add_argument("--out", type=Path, default=Path("runs/interactions"), help="folder")
    parser.add_argument("--first", type=int, default=0, help="number of the first shard (0)")
    parser.add_argument("--count", type=int, default=2000, help="shards there are to be (2000)")


def run(args: argparse.Namespace) -> int:
    """Draw what is missing; returns the exit status."""
    import torch
    from rich.progress import track

    from bridge_ros.lab.training.finetuning_sources import training_interactions
    from bridge_ros.lab.training.interaction_shards import write_shards

    settings = settings_of(args, FinetuneSettings)
    torch.set_num_threads(max(1, settings.threads))
    data = training_interactions(settings)
    drawn = write_shards(
        data,
        args.out,
        first=args.first,
        count=args.count,
        size=settings.batch_size,
        seed=settings.seed,
        track=lambda numbers: track([*numbers], "draw shards"),
    )
    print(f"{drawn} shards of {settings.batch_size} samples drawn; folder: {args.out}")
    return 0


if __name__ == "__main__":
    run_as_program(__name__)
