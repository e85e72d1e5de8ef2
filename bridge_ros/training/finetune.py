"""The command `bridge-ros train finetune`: arguments, and one call."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from bridge_ros.resources import resource_path
from bridge_ros.training.finetune_settings import FinetuneSettings

EXAMPLES = """examples:
  bridge-ros train draw --out runs/interactions --count 2000          # data, once; resumable
  bridge-ros train finetune --shards runs/interactions --out runs/finetune --bfloat16
  bridge-ros train finetune --shards runs/interactions --out runs/finetune --bfloat16 --resume
  bridge-ros train finetune --workers 8 --device cuda                 # drawn anew while it trains
  accelerate launch --multi_gpu -m bridge_ros.training.finetune --shards runs/interactions \\
      --device cuda                                                   # several GPUs
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `bridge-ros train finetune`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("--config", default="config/training/finetune.yaml", help="settings file")
    parser.add_argument("--out", type=Path, default=Path("runs/finetune"), help="run folder")
    parser.add_argument("--resume", action="store_true", help="go on from --out's resume point")
    parser.add_argument(
        "--bfloat16", action="store_true", default=None, help="encode clouds in bfloat16"
    )
    parser.add_argument(
        "--from-scratch", action="store_true", help="take the start's shapes, not its weights"
    )
    for name, kind, text in (
        ("start", str, "checkpoint to begin with"),
        ("shards", str, "folder of drawn interactions"),
        ("steps", int, "optimiser steps"),
        ("batch-size", int, "observations a step"),
        ("evaluate-every", int, "steps between two evaluations"),
        ("goal-noise-scale", float, "noise on the goal pose (paper: 0.1)"),
        ("rendered-scenes", int, "simulated scenes to evaluate on, 0 for none"),
        ("seed", int, "of data, noise and weights"),
        ("device", str, "cpu or cuda"),
        ("threads", int, "CPU threads, 0 for all"),
        ("workers", int, "processes that draw batches, 0 for none"),
    ):
        parser.add_argument(
            f"--{name}", type=kind, default=None, help=f"{text}; overrides --config"
        )


def run(args: argparse.Namespace) -> int:
    """Carry out `bridge-ros train finetune`; returns the exit status."""
    from bridge_ros.training.finetuning import Finetuning

    settings = FinetuneSettings.from_yaml(resource_path(args.config))
    names = {field.name for field in fields(FinetuneSettings)}
    given = {k: v for k, v in vars(args).items() if k in names and v is not None}
    training = Finetuning(replace(settings, **given), args.out, from_scratch=args.from_scratch)
    if args.resume:
        training.resume()
    figures = training.run()
    if not figures:
        return 0
    figures["seconds"] = round(training.seconds, 1)
    args.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2) + "\n"
    (args.out / "figures.json").write_text(text, encoding="utf-8")
    print(text)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m bridge_ros.training.finetune`."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    raise SystemExit(main())
