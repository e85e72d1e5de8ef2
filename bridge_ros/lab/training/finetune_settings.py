"""Settings of point-cloud fine-tuning."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.lab.training.training_settings import TrainingSettings


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings(TrainingSettings):
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
    workers: int = 0
    bfloat16: bool = False
    log_every: int = 10
    evaluate_every: int = 250
    held_out_samples: int = 512
    rendered_scenes: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self._expect_at_least(1, "point_count", "rays", "contact_paths", "held_out_samples")
        self._expect_at_least(
            0, "motion_batch_size", "workers", "rendered_scenes", "correction_weight"
        )
        self._expect_positive("crop_radius_m")
