"""The command `bridge-ros train finetune`; torch is loaded only to run it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from bridge_ros.commands.train.training_command import add_run_arguments, carry_out, settings_of
from bridge_ros.lab.training.finetune_settings import FinetuneSettings

EXAMPLES = """examples:
  bridge-ros train draw --out runs/interactions --count 2000          # data, once; resumable
  bridge-ros train finetune --shards runs/interactions --out runs/finetune
  bridge-ros train finetune --shards runs/interactions --out runs/finetune --resume
  bridge-ros train finetune --workers 8 --device cuda                 # drawn anew while it trains
  accelerate launch --multi_gpu -m bridge_ros.commands.train.finetune --shards runs/interactions \\
      --device cuda                                                   # several GPUs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `bridge-ros train finetune`."""
    add_run_arguments(
        parser,
        "finetune",
        EXAMPLES,
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
    """Carry out `bridge-ros train finetune`; returns the exit status."""
    from bridge_ros.lab.training.finetuning import Finetuning

    settings = settings_of(args, FinetuneSettings)
    return carry_out(args, Finetuning(settings, args.out, from_scratch=args.from_scratch))


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m bridge_ros.commands.train.finetune`."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    raise SystemExit(main())
