"""Settings of action pre-training."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class PretrainSettings:
    """One run of action pre-training; `config/training/pretrain.yaml` explains every field."""

    steps: int = 4000
    batch_size: int = 1024
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    weight_decay: float = 1e-6
    ema_decay: float = 0.998
    trajectories: int = 6000
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    log_every: int = 20
    evaluate_every: int = 1000
    goal_noise_scale: float = 0.1

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "trajectories", "log_every", "evaluate_every"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected at least 1, got {getattr(self, name)}")
        if not self.learning_rate > 0:
            raise ConfigError(
                f"learning_rate: expected a positive number, got {self.learning_rate}"
            )
        if not 0.0 <= self.ema_decay < 1.0:
            raise ConfigError(f"ema_decay: expected 0 to below 1, got {self.ema_decay}")

    @classmethod
    def from_yaml(cls, path: Path) -> PretrainSettings:
        """Read a settings file.

        Raises:
            ConfigError: if it names other fields than these.
        """
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            raise ConfigError(f"{path}: expected a mapping with keys among {sorted(known)}")
        return cls(**values)
