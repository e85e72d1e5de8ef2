"""`bridge-ros train vlm`: fine-tuning of the planner's vision-language model."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields, replace
from pathlib import Path

from bridge_ros.commands.verb import run_as_program
from bridge_ros.errors import ConfigError
from bridge_ros.lab.training.vlm.vlm_training_settings import VlmTrainingSettings
from bridge_ros.settings.config_file import settings_file
from bridge_ros.settings.resources import resource_path

SMALL = "small"
DESCRIPTION = """\
Fine-tune the planner's vision-language model on the records of `bridge-ros annotate`. Writes the
model, checkpoints and figures.json."""
EXAMPLES = """\
examples:
  bridge-ros train vlm --records runs/sft --out runs/vlm       # the paper's 1,000 steps at 32
  bridge-ros train vlm --records runs/sft --out runs/vlm --resume
  bridge-ros train vlm --records runs/sft --out runs/lora --method lora --learning-rate 1e-4
  bridge-ros train vlm --config config/training/vlm_small.yaml --out runs/small  # from scratch
  bridge-ros train vlm --config config/training/vlm_small_finetune.yaml --fresh-numbers
  accelerate launch --config_file config/training/vlm_fsdp.yaml \\
      -m bridge_ros.commands.train.vlm --records runs/sft --out runs/vlm         # several GPUs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The stage's arguments."""
    parser.add_argument("--config", default="config/training/vlm.yaml", help="settings file")
    parser.add_argument("--out", type=Path, default=Path("runs/vlm"), help="run folder")
    parser.add_argument("--resume", action="store_true", help="go on from --out's checkpoint")
    for name, kind, text in (
        ("model", str, "folder or hub id; small: a new one of the shipped planner's architecture"),
        ("records", str, "folder of `bridge-ros annotate`"),
        ("method", str, "full or lora"),
        ("steps", int, "optimiser steps (paper: 1,000)"),
        ("batch-size", int, "conversations a step, all devices together (paper: 32)"),
        ("device-batch-size", int, "conversations at once on a device"),
        ("learning-rate", float, "peak of AdamW"),
        ("evaluate-every", int, "steps between two evaluations"),
        ("evaluate-records", int, "conversations of one"),
        ("save-every", int, "steps between two checkpoints"),
        ("seed", int, "of data and weights"),
        ("device", str, "cpu, or auto"),
        ("threads", int, "CPU threads, 0 for all"),
        ("workers", int, "processes that read images"),
    ):
        parser.add_argument(
            f"--{name}", type=kind, default=None, help=f"{text}; overrides --config"
        )
    parser.add_argument(
        "--fresh-numbers",
        action="store_true",
        default=None,
        help="begin with a model that has forgotten its numbers; overrides --config",
    )


def run(args: argparse.Namespace) -> int:
    """Train; returns the exit status."""
    settings = settings_file(VlmTrainingSettings, args.config)
    names = {field.name for field in fields(VlmTrainingSettings)}
    given = {k: v for k, v in vars(args).items() if k in names and v is not None}
    settings = replace(settings, **given)
    try:
        from bridge_ros.lab.training.vlm.finetuning import VlmFinetuning
    except ImportError as error:
        raise ConfigError(
            f"training needs the extra `train`: make setup EXTRAS=ros,sim,vlm,train ({error})"
        ) from error
    if settings.model == SMALL:
        settings = replace(settings, model=str(_new_small_model(settings, args.out)))
    figures = VlmFinetuning(settings, args.out).run(resume=args.resume)
    text = json.dumps(figures, indent=2) + "\n"
    (args.out / "figures.json").write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


def _new_small_model(settings: VlmTrainingSettings, out: Path) -> Path:
    """Where the untrained model of a run lies; it is made once."""
    from bridge_ros.lab.training.vlm.conversations import read_conversations
    from bridge_ros.lab.training.vlm.small_model import make_small_model
    from bridge_ros.planner.vlm.prompts import Prompts
    from bridge_ros.planner.vlm.vlm_planner import VlmSettings

    folder = out / "untrained"
    if not (folder / "model.safetensors").exists():
        conversations = read_conversations(Path(settings.records) / "train.jsonl")
        prompts = Prompts.load(resource_path(VlmSettings().prompts))
        make_small_model(folder, conversations, prompts, seed=settings.seed)
    return folder


if __name__ == "__main__":
    run_as_program(__name__)
