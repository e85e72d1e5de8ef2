"""What the settings of every training run have in common."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Of any run; the files of `config/training` explain every field."""

    steps: int
    batch_size: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float
    ema_decay: float
    goal_noise_scale: float
    trajectories: int
    log_every: int
    evaluate_every: int
    save_every_s: float = 180.0
    seed: int = 0
    device: str = "cpu"
    threads: int = 1

    def __post_init__(self) -> None:
        self._expect_at_least(
            1, "steps", "batch_size", "trajectories", "log_every", "evaluate_every"
        )
        self._expect_positive("learning_rate", "save_every_s")
        if not 0.0 <= self.ema_decay < 1.0:
            raise ConfigError(f"ema_decay: expected 0 to below 1, got {self.ema_decay}")
        if not 0.0 <= self.goal_noise_scale <= 1.0:
            raise ConfigError(f"goal_noise_scale: expected 0 to 1, got {self.goal_noise_scale}")

    def _expect_at_least(self, least: int, *names: str) -> None:
        for name in names:
            if getattr(self, name) < least:
                raise ConfigError(f"{name}: expected at least {least}, got {getattr(self, name)}")

    def _expect_positive(self, *names: str) -> None:
        for name in names:
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}: expected a positive number, got {getattr(self, name)}")
