"""What the trials of a run depend on beyond the names in its condition: weights, magnitudes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from bridge_ros.lab.evaluation.trial import TrialCondition
from bridge_ros.lab.evaluation.vlm_noise import VlmNoise
from bridge_ros.planner.small_planner import expect_small_planner
from bridge_ros.settings.resources import resource_path


def evidence_of(condition: TrialCondition, noise: VlmNoise | None) -> dict[str, object]:
    """Of a condition, for `TrialLog`, which refuses to mix trials of different evidence.

    Args:
        noise: magnitudes of the condition's noise, unscaled; None for noise "none".

    Raises:
        ConfigError: if a checkpoint or a model is not there.
    """
    evidence: dict[str, object] = {}
    if condition.method != "ik":
        from bridge_ros.expert.checkpoint import CONFIG_FILE, WEIGHTS_FILE

        files = (Path(condition.checkpoint) / name for name in (CONFIG_FILE, WEIGHTS_FILE))
        evidence["checkpoint_sha256"] = _digest(resource_path(file) for file in files)
    if condition.planner_model is not None:
        folder = expect_small_planner(condition.planner_model)
        files_of_model = sorted(file for file in folder.iterdir() if file.is_file())
        evidence["planner_model_sha256"] = _digest(files_of_model)
    if noise is not None:
        evidence["noise_magnitudes"] = asdict(noise.scaled(condition.noise_scale))
    return evidence


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
