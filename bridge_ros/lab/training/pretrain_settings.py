"""Settings of action pre-training."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.lab.training.training_settings import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class PretrainSettings(TrainingSettings):
    """One run of action pre-training; `config/training/pretrain.yaml` explains every field."""

    steps: int = 4000
    batch_size: int = 1024
    learning_rate: float = 1e-3
    warmup_steps: int = 200
    weight_decay: float = 1e-6
    ema_decay: float = 0.998
    goal_noise_scale: float = 0.1
    trajectories: int = 6000
    log_every: int = 20
    evaluate_every: int = 1000
