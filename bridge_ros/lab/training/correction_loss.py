"""The auxiliary loss of fine-tuning: the first features of f^pc are the keypoint's correction.

The diffusion loss sees the correction only through the last steps of a chunk, and not at all at low
noise, for there the noisy action itself gives it away. Asked for by name, on every sample, it is
what the encoder learns first, and the denoiser finds it ready to use.
"""

from __future__ import annotations

import torch
from torch import Tensor

from bridge_ros.expert.cloud_encoder import CORRECTION_DIM
from bridge_ros.expert.configuration import ExpertConfig

POSITION_UNIT_M = 0.015
ROTATION_UNIT_RAD = 0.12


def correction_units(device: torch.device) -> Tensor:
    """`(6,)` what a feature of 1 stands for: three times metres, three times radians."""
    return torch.tensor([POSITION_UNIT_M] * 3 + [ROTATION_UNIT_RAD] * 3, device=device)


def seen_correction(condition: Tensor, config: ExpertConfig) -> Tensor:
    """The corrections `(B, 6)`, position [m] and rotation vector, that a conditioning f^A holds."""
    first = config.state_features + config.guidance_features
    features = condition[:, first : first + CORRECTION_DIM]
    return features * correction_units(condition.device)


def correction_loss(condition: Tensor, correction: Tensor, config: ExpertConfig) -> Tensor:
    """A robust error in units of a usual correction: clouds that hide it do not dominate."""
    units = correction_units(condition.device)
    error = (seen_correction(condition, config) - correction) / units
    return torch.nn.functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.3)
