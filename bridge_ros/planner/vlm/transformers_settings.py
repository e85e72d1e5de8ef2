"""Settings of models that run here, apart from what loads them: that takes seconds to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from bridge_ros.errors import ConfigError
from bridge_ros.planner.vlm.coordinates import ConventionChoice
from bridge_ros.settings.ranges import Count, Positive, Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class TransformersSettings:
    """Settings of the transformers backend.

    Attributes:
        model: a folder, absolute, from here or from the package's data; else an id on the hub.
        revision: of a hub's model; None takes the newest.
        coordinates: what the model's numbers mean; auto goes by the entry `image_coordinates` of
            its config.json, else by its type.
        dtype: of the weights; auto takes that of the checkpoint.
        device: auto is the GPU if there is one.
        device_map: spreads a model over devices, e.g. "auto"; needs accelerate. None does not.
        quantization: of the weights while they are loaded; needs bitsandbytes and a GPU.
        guided: hold replies to their JSON schema, token by token.
        threads: of the CPU; 0 leaves that to torch.
        max_new_tokens: of one reply.
        timeout_s: longest wait for one reply.
    """

    model: str = "Qwen/Qwen2.5-VL-3B-Instruct"
    revision: str | None = None
    coordinates: ConventionChoice = "auto"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"
    device_map: str | None = None
    quantization: Literal["none", "8bit", "4bit"] = "none"
    guided: bool = True
    threads: Annotated[int, Range(0)] = 0
    max_new_tokens: Count = 512
    timeout_s: Positive = 25.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.model:
            raise ConfigError("model: expected a folder or an id on the hub, got ''")
