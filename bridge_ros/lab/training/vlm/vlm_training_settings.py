"""Settings of the fine-tuning of a vision-language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge_ros.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class VlmTrainingSettings:
    """One run of `bridge-ros train vlm`; `config/training/vlm.yaml` explains every field."""

    model: str = "Qwen/Qwen2.5-VL-3B-Instruct"
    records: str = "runs/sft"
    method: Literal["full", "lora"] = "full"
    steps: int = 1000
    batch_size: int = 32
    device_batch_size: int = 4
    learning_rate: float = 1.0e-5
    warmup_steps: int = 30
    weight_decay: float = 0.0
    lora_rank: int = 16
    lora_alpha: int = 32
    shift_px: int = 0
    first_stage_times: int = 1
    zoom: float = 1.0
    zoom_share: float = 0.0
    rename_share: float = 0.0
    anchor_error_px: float = 0.0
    recolour_share: float = 0.0
    number_spread: float = 0.0
    fresh_numbers: bool = False
    word_weight: float = 1.0
    look_weight: float = 0.0
    bfloat16: bool = True
    gradient_checkpointing: bool = True
    seed: int = 0
    device: str = "auto"
    threads: int = 0
    workers: int = 4
    log_every: int = 10
    evaluate_every: int = 100
    evaluate_records: int = 64
    save_every: int = 100
    keep_checkpoints: int = 2

    def __post_init__(self) -> None:
        for name in (
            "steps",
            "batch_size",
            "device_batch_size",
            "lora_rank",
            "lora_alpha",
            "first_stage_times",
            "log_every",
            "evaluate_every",
            "save_every",
            "keep_checkpoints",
        ):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name}: expected at least 1, got {getattr(self, name)}")
        for name in (
            "warmup_steps",
            "weight_decay",
            "shift_px",
            "anchor_error_px",
            "number_spread",
            "look_weight",
            "threads",
            "workers",
            "evaluate_records",
        ):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"{name}: expected 0 or more, got {getattr(self, name)}")
        if not 0.0 < self.learning_rate < 1.0:
            raise ConfigError(f"learning_rate: expected 0 to 1, got {self.learning_rate}")
        if not 1.0 <= self.zoom <= 10.0 or not 0.0 <= self.zoom_share < 1.0:
            raise ConfigError(
                "zoom, zoom_share: expected 1 to 10, and a share below 1, got "
                f"{self.zoom} and {self.zoom_share}"
            )
        if not 0.0 <= self.recolour_share <= 1.0:
            raise ConfigError(f"recolour_share: expected 0 to 1, got {self.recolour_share}")
        if not 0.0 <= self.rename_share < 1.0 - self.zoom_share:
            raise ConfigError(
                "rename_share: expected a share, below 1 together with zoom_share, got "
                f"{self.rename_share}"
            )
        if not self.word_weight > 0 or (self.word_weight != 1.0 and not self.number_spread):
            raise ConfigError(
                "word_weight: expected a positive number, and 1 without number_spread, got "
                f"{self.word_weight}"
            )
        if self.look_weight and not self.number_spread:
            raise ConfigError("look_weight: expected 0 without number_spread")
        if self.method not in ("full", "lora"):
            raise ConfigError(f"method: expected full or lora, got {self.method!r}")
        if self.fresh_numbers and self.method == "lora":
            raise ConfigError("fresh_numbers: expected method full, lora learns no embeddings")

    def accumulation(self, devices: int) -> int:
        """Batches of a device that make one optimiser step on so many devices.

        Raises:
            ConfigError: if that is no whole number.
        """
        at_once = self.device_batch_size * devices
        if self.batch_size % at_once:
            raise ConfigError(
                f"batch_size: expected a multiple of device_batch_size x devices = {at_once}, "
                f"got {self.batch_size}"
            )
        return self.batch_size // at_once
