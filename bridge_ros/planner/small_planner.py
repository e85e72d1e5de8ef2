"""The small vision-language planner: where it lies, and how to come by one."""

from __future__ import annotations

from pathlib import Path

from bridge_ros.errors import ConfigError
from bridge_ros.settings.resources import resource_path

SMALL_PLANNER = "models/planner_small"
"""What the backend `vlm` runs."""
_HOW = (
    "train one:\n"
    "  bridge-ros annotate runs/episodes --simulate 100 --arrangements 6 --seed 20000 "
    "--workers 2 --out runs/sft --coordinates original\n"
    "  bridge-ros train vlm --config config/training/vlm_small.yaml --records runs/sft "
    "--out runs/small\n"
    f"and copy runs/small/model to {SMALL_PLANNER}"
)


def small_planner_folder(folder: str = SMALL_PLANNER) -> Path | None:
    """The folder of a model, absolute; None if there is no model in it."""
    try:
        found = resource_path(folder)
    except ConfigError:
        return None
    return found if (found / "config.json").is_file() else None


def expect_small_planner(folder: str = SMALL_PLANNER) -> Path:
    """The folder of a model, absolute.

    Raises:
        ConfigError: if there is no model in it; says how to train one.
    """
    found = small_planner_folder(folder)
    if found is None:
        raise ConfigError(f"planner vlm: expected a model in {folder}, found none; {_HOW}")
    return found
