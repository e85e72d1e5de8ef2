"""`bridge-ros train finetune`: the expert learns to correct them by what it sees."""

from __future__ import annotations

import argparse

from bridge_ros.commands.train.training_command import add_run_arguments, carry_out, settings_of
from bridge_ros.commands.verb import run_as_program
from bridge_ros.lab.training.finetune_settings import FinetuneSettings

DESCRIPTION = """\
Point-cloud fine-tuning (the paper's second stage): from a pre-trained checkpoint, the expert learns
to correct the guidance by what it sees at contacts. Writes a checkpoint, its figures and the losses
as a picture; Ctrl-C leaves a resume point."""
EXAMPLES = """\
examples:
  bridge-ros train draw --out runs/interactions --count 2000          # data, once; resumable
  bridge-ros train finetune --shards runs/interactions --out runs/finetune
  bridge-ros train finetune --shards runs/interactions --out runs/finetune --resume
  bridge-ros train finetune --workers 8 --device cuda                 # drawn anew while it trains
  accelerate launch --multi_gpu -m bridge_ros.commands.train.finetune --shards runs/interactions \\
      --device cuda                                                   # several GPUs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage's arguments."""
    add_run_arguments(
        parser,
        "finetune",
        ("start", str, "checkpoint to begin with"),
        ("shards", str, "folder of drawn interactions"),
        ("evaluate-every", int, "steps between two evaluations"),
        ("rendered-scenes", int, "simulated scenes to evaluate on, 0 for none"),
        ("workers", int, "processes that draw batches, 0 for none"),
    )
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        default=None,
        help="encode clouds in bfloat16; slower where the processor lacks it",
    )
    parser.add_argument(
        "--from-scratch", action="store_true", help="take the start's shapes, not its weights"
    )


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status."""
    from bridge_ros.lab.training.finetuning import Finetuning

    settings = settings_of(args, FinetuneSettings)
    return carry_out(args, Finetuning(settings, args.out, from_scratch=args.from_scratch))


if __name__ == "__main__":
    run_as_program(__name__)
