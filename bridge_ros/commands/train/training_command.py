"""What `bridge-ros train pretrain` and `finetune` have in common."""

from __future__ import annotations

import argparse
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bridge_ros.lab.training.training_settings import TrainingSettings
from bridge_ros.settings.config_file import settings_file

if TYPE_CHECKING:
    from bridge_ros.lab.training.training_run import TrainingRun

S = TypeVar("S", bound=TrainingSettings)

_OF_EVERY_RUN = (
    ("steps", int, "optimiser steps"),
    ("batch-size", int, "observations a step"),
    ("goal-noise-scale", float, "noise on the goal pose (paper: 0.1)"),
    ("seed", int, "of data, noise and weights"),
    ("device", str, "cpu or cuda"),
    ("threads", int, "CPU threads, 0 for all"),
)


def add_run_arguments(
    parser: argparse.ArgumentParser,
    kind: str,
    *more: tuple[str, type, str],
) -> None:
    """Add --config, --out, --resume, and the settings that override the file's.

    Args:
        kind: "pretrain" or "finetune": names the settings file and the folder.
        more: (name, type, help) of settings that only this kind of run has.
    """
    parser.add_argument("--config", default=f"config/training/{kind}.yaml", help="settings file")
    parser.add_argument("--out", type=Path, default=Path(f"runs/{kind}"), help="run folder")
    parser.add_argument("--resume", action="store_true", help="go on from --out's resume point")
    for name, of_type, text in (*_OF_EVERY_RUN, *more):
        parser.add_argument(
            f"--{name}", type=of_type, default=None, help=f"{text}; overrides --config"
        )


def settings_of(args: argparse.Namespace, kind: type[S]) -> S:
    """The settings file's, with what was given as arguments instead."""
    settings = settings_file(kind, args.config)
    names = {field.name for field in fields(kind)}
    given: dict[str, Any] = {k: v for k, v in vars(args).items() if k in names and v is not None}
    return replace(settings, **given)


def carry_out(args: argparse.Namespace, training: TrainingRun[Any, Any]) -> int:
    """Train to the end and leave the figures; returns the exit status."""
    from bridge_ros.lab.training.training_run import write_figures

    if args.resume:
        training.resume()
    figures = training.run()
    if figures:
        figures["seconds"] = round(training.seconds, 1)
        print(write_figures(training.out / "figures.json", figures))
    return 0
