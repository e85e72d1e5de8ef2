"""ExpertConfig: everything that defines a checkpoint apart from its weights."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from bridge_ros.errors import CheckpointError, ConfigError
from bridge_ros.settings.control_period import CONTROL_PERIOD_S

FORMAT = "bridge_ros.action_expert.v1"
ACTION_DIM = 10
"""A step of a chunk: position 3, rotation 6D, gripper width 1."""


@dataclass(frozen=True, kw_only=True)
class ExpertConfig:
    """Shapes, units and sampling of an action expert.

    Attributes:
        control_period_s: time between two steps of guidance and of a chunk.
        horizon: steps of a chunk, H.
        guidance_knots: which steps ahead of now the guidance encoder sees; starts with 1..H.
        sees_points: whether the point-cloud feature is used; masked out otherwise, as in action
            pre-training (paper, section 3.2.2).
        sees_joints: whether joint positions are used; masked out otherwise.
        crop_radius_m: points within this ball around the guidance's end are seen.
        point_count: points of the crop at most; more are cut at random.
        min_points: a crop with fewer counts as no cloud.
        grid_half_m: half the edge of the occupancy grid in the frame of the guidance's end.
        grid_cells, grid_layers: its cells across the approach (each way) and along it.
        grid_channels: widths of the convolutions over it.
        state_features, guidance_features, point_features: sizes of f^s, f^g, f^pc in equation 2.
        hidden_size, block_count: of the residual MLP denoiser.
        diffusion_steps: K in training.
        inference_steps: DDIM steps at serving.
        prediction: what the network predicts: "sample" (a^0) or "epsilon" (the paper's equation 4).
        temperature: standard deviation of the noise that sampling starts from. 0 takes the mean
            action, so that successive chunks agree; 1 samples the learned distribution.
        position_scale_m, rotation_scale, width_scale_m: normalisation of actions: the standard
            deviations in the training data.
        max_offset_m, max_offset_rad: an arm farther than this from its guidance is refused.
        max_correction_m, max_correction_rad: an answer farther from the guidance than the arm's own
            offset and this together is refused.
    """

    control_period_s: float = CONTROL_PERIOD_S
    horizon: int = 16
    guidance_knots: tuple[int, ...] = (*range(1, 17), 20, 24, 28, 32, 40, 48)
    sees_points: bool = False
    sees_joints: bool = False
    crop_radius_m: float = 0.12
    point_count: int = 2048
    min_points: int = 32
    grid_half_m: float = 0.096
    grid_cells: int = 40
    grid_layers: int = 16
    grid_channels: tuple[int, int, int] = (32, 64, 32)
    state_features: int = 64
    guidance_features: int = 128
    point_features: int = 128
    hidden_size: int = 384
    block_count: int = 4
    diffusion_steps: int = 100
    inference_steps: int = 4
    prediction: str = "sample"
    temperature: float = 0.0
    position_scale_m: float = 0.02
    rotation_scale: float = 0.1
    width_scale_m: float = 0.02
    max_offset_m: float = 0.30
    max_offset_rad: float = 1.5
    max_correction_m: float = 0.08
    max_correction_rad: float = 0.6

    def __post_init__(self) -> None:
        if self.horizon < 2 or self.guidance_knots[: self.horizon] != (
            *range(1, self.horizon + 1),
        ):
            raise ConfigError(
                f"guidance_knots: expected 1 to {self.horizon} (the horizon) first, "
                f"got {self.guidance_knots}"
            )
        if len(self.grid_channels) != 3 or min(self.grid_channels) < 1:
            raise ConfigError(
                f"grid_channels: expected three positive numbers, got {self.grid_channels}"
            )
        if min(self.grid_cells, self.grid_layers) < 2:
            raise ConfigError(
                "grid_cells, grid_layers: expected at least 2, "
                f"got {self.grid_cells} and {self.grid_layers}"
            )
        if list(self.guidance_knots) != sorted(set(self.guidance_knots)):
            raise ConfigError(f"guidance_knots: expected increasing, got {self.guidance_knots}")
        if self.prediction not in ("sample", "epsilon"):
            raise ConfigError(
                f'prediction: expected "sample" or "epsilon", got {self.prediction!r}'
            )
        if not 1 <= self.inference_steps <= self.diffusion_steps:
            raise ConfigError(
                f"inference_steps: expected 1 to {self.diffusion_steps}, got {self.inference_steps}"
            )
        if not 0.0 <= self.temperature <= 1.0:
            raise ConfigError(f"temperature: expected 0 to 1, got {self.temperature}")
        for field in fields(self):
            value = getattr(self, field.name)
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if is_number and field.name != "temperature" and not value > 0:
                raise ConfigError(f"{field.name}: expected a positive number, got {value}")

    @property
    def guidance_steps(self) -> int:
        """How many poses of guidance are used at most: now and the steps up to the last knot."""
        return self.guidance_knots[-1] + 1

    def to_json(self) -> str:
        """The text of a checkpoint's `config.json`."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ExpertConfig:
        """Read `config.json`.

        Raises:
            CheckpointError: if it is not one, or names keys that this version does not know.
        """
        try:
            values: Any = json.loads(text)
        except ValueError as error:
            raise CheckpointError(f"config.json: expected JSON: {error}") from error
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise CheckpointError(f'config.json: expected "format": "{FORMAT}"')
        known = {field.name for field in fields(cls)}
        if set(values) != known:
            raise CheckpointError(
                f"config.json: missing keys {sorted(known - set(values))}, "
                f"unknown keys {sorted(set(values) - known)}"
            )
        for field in fields(cls):
            values[field.name] = _typed(field.name, values[field.name], field.default)
        try:
            return cls(**values)
        except ConfigError as error:
            raise CheckpointError(f"config.json: {error}") from error


def _typed(name: str, value: Any, example: Any) -> Any:
    """A JSON value as the type of `example`; whole numbers may stand where floats are meant."""
    if isinstance(example, tuple) and isinstance(value, list):
        return tuple(_typed(name, item, example[0]) for item in value)
    if type(example) is float and type(value) is int:
        return float(value)
    if type(value) is not type(example):
        raise CheckpointError(
            f"config.json: {name}: expected {type(example).__name__}, got {value!r}"
        )
    return value
