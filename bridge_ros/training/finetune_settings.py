"""Settings of point-cloud fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings:
    """One run of point-cloud fine-tuning; `config/training/finetune.yaml` explains every field."""

    start: str = "runs/pretrain"
    shards: str = ""
    steps: int = 4500
    batch_size: int = 256
    motion_batch_size: int = 128
    learning_rate: float = 1.5e-3
    warmup_steps: int = 100
    weight_decay: float = 1e-4
    ema_decay: float = 0.995
    correction_weight: float = 1.0
    goal_noise_scale: float = 0.1
    point_count: int = 2048
    crop_radius_m: float = 0.12
    rays: int = 64
    contact_paths: int = 2000
    trajectories: int = 2000
    seed: int = 0
    device: str = "cpu"
    threads: int = 1
    workers: int = 0
    bfloat16: bool = False
    log_every: int = 10
    evaluate_every: int = 250
    save_every_s: float = 180.0
    held_out_samples: int = 512
    rendered_scenes: int = 0

    def __post_init__(self) -> None:
        for name in (
            "steps", "batch_size", "point_count", "rays", "contact_paths", "trajectories",
            "log_every", "evaluate_every", "held_out_samples",
        ):  # fmt: skip
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected at least 1, got {getattr(self, name)}")
        for name in ("motion_batch_size", "workers", "rendered_scenes", "correction_weight"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name}: expected 0 or more, got {getattr(self, name)}")
        for name in ("learning_rate", "crop_radius_m", "save_every_s"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}: expected a positive number, got {getattr(self, name)}")
        if not 0.0 <= self.ema_decay < 1.0:
            raise ConfigError(f"ema_decay: expected 0 to below 1, got {self.ema_decay}")
        if not 0.0 <= self.goal_noise_scale <= 1.0:
            raise ConfigError(f"goal_noise_scale: expected 0 to 1, got {self.goal_noise_scale}")

    @classmethod
    def from_yaml(cls, path: Path) -> FinetuneSettings:
        """Read a settings file.

        Raises:
            ConfigError: if it names other fields than these.
        """
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = {field.name for field in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            raise ConfigError(f"{path}: expected a mapping with keys among {sorted(known)}")
        return cls(**values)
