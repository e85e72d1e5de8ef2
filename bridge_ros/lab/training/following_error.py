"""How far predicted chunks are from the demonstrations: the measure of action pre-training."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Poses, Processor, RawBatch
from bridge_ros.expert.rotations import rotvec_from_matrix
from bridge_ros.lab.training.pretraining_data import PretrainingData


class Observed(Protocol):
    """A batch of observations, whatever comes with them."""

    @property
    def raw(self) -> RawBatch:
        """The observations."""


def guidance_ahead(batch: Observed, horizon: int) -> tuple[Poses, Tensor]:
    """Guidance of the H steps after now: poses `(B, H, …)` and widths `(B, H)`."""
    guidance = batch.raw.guidance
    ahead = Poses(guidance.positions[:, 1 : horizon + 1], guidance.rotations[:, 1 : horizon + 1])
    return ahead, batch.raw.guidance_widths[:, 1 : horizon + 1]


@torch.inference_mode()
def following_error(
    network: ActionExpertNetwork, data: PretrainingData, *, size: int, seed: int
) -> dict[str, float]:
    """Errors of chunks against the demonstrations of `data`, over all steps of all chunks.

    Returns:
        Medians and 95th percentiles of position [mm] and rotation [degrees], and the largest error
        of the gripper width [mm].
    """
    config = network.config
    device = next(network.parameters()).device
    processor, diffusion = Processor(config), Diffusion(config).to(device)
    batch = data.draw(size, torch.Generator(device).manual_seed(seed))
    ahead, widths = guidance_ahead(batch, config.horizon)
    network.eval()
    actions = diffusion.sample(
        network,
        network.encode(processor.encode(batch.raw)),
        torch.Generator(device).manual_seed(seed),
    )
    poses, predicted_widths = processor.decode_actions(actions, ahead, widths)
    error_mm = (poses.positions - batch.targets.positions).norm(dim=-1).flatten() * 1000
    turn = poses.rotations.transpose(-1, -2) @ batch.targets.rotations
    error_deg = torch.rad2deg(rotvec_from_matrix(turn).norm(dim=-1).flatten())
    width_mm = (predicted_widths - batch.target_widths).abs().max() * 1000
    return {
        "position_p50_mm": float(error_mm.quantile(0.5)),
        "position_p95_mm": float(error_mm.quantile(0.95)),
        "rotation_p50_deg": float(error_deg.quantile(0.5)),
        "rotation_p95_deg": float(error_deg.quantile(0.95)),
        "width_max_mm": float(width_mm),
    }
