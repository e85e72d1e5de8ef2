"""The command `bridge-ros train pretrain`; torch is loaded only to run it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from bridge_ros.resources import resource_path
from bridge_ros.training.pretrain_settings import PretrainSettings

EXAMPLES = """examples:
  bridge-ros train pretrain --out runs/pretrain
  bridge-ros train pretrain --out runs/pretrain --resume
  bridge-ros train pretrain --evaluate models/action_expert
  accelerate launch --multi_gpu -m bridge_ros.training.pretrain --device cuda --batch-size 4096
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `bridge-ros train pretrain`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    parser.add_argument("--config", default="config/training/pretrain.yaml", help="settings file")
    parser.add_argument("--out", type=Path, default=Path("runs/pretrain"), help="run folder")
    parser.add_argument("--resume", action="store_true", help="go on from --out's resume point")
    parser.add_argument(
        "--evaluate", type=Path, metavar="FOLDER", help="only print the figures of a checkpoint"
    )
    for name, kind, text in (
        ("steps", int, "optimiser steps"),
        ("batch-size", int, "observations a step"),
        ("trajectories", int, "trajectories to sample"),
        ("goal-noise-scale", float, "noise on the goal pose (paper: 0.1)"),
        ("seed", int, "of data, noise and weights"),
        ("device", str, "cpu or cuda"),
        ("threads", int, "CPU threads, 0 for all"),
    ):
        parser.add_argument(
            f"--{name}", type=kind, default=None, help=f"{text}; overrides --config"
        )


def run(args: argparse.Namespace) -> int:
    """Carry out `bridge-ros train pretrain`; returns the exit status."""
    from bridge_ros.expert.configuration import ExpertConfig
    from bridge_ros.training.pretraining import Pretraining, evaluate_checkpoint

    if args.evaluate is not None:
        print(json.dumps(evaluate_checkpoint(resource_path(args.evaluate)), indent=2))
        return 0
    settings = PretrainSettings.from_yaml(resource_path(args.config))
    names = {field.name for field in fields(PretrainSettings)}
    given = {k: v for k, v in vars(args).items() if k in names and v is not None}
    training = Pretraining(replace(settings, **given), ExpertConfig(), args.out)
    if args.resume:
        training.resume()
    figures = training.run()
    if not figures:
        return 0
    figures["seconds"] = round(training.seconds, 1)
    (args.out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `python -m bridge_ros.training.pretrain`."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))


if __name__ == "__main__":
    raise SystemExit(main())
