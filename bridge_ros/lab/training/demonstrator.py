"""What a demonstration does next from a given state: converge to its path, then follow it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec, rotvec_from_matrix


@dataclass(frozen=True, kw_only=True)
class DemonstratorSettings:
    """How a demonstration returns to its path.

    The law has no memory, so that it stays the same motion however often it is planned anew:
    an offset shrinks by |e| / time_constant_s a second, but no faster than the top speeds.

    Attributes:
        lag_s: an arm behind its guidance by up to this much is following, not off its path.
        slack_m, slack_rad: offsets well below this are tracking error, left to the controller.
        time_constant_s: of the return.
        speed_m_s, speed_rad_s: top speeds of the return.
    """

    lag_s: float = 0.15
    slack_m: float = 0.008
    slack_rad: float = 0.06
    time_constant_s: float = 0.18
    speed_m_s: float = 0.20
    speed_rad_s: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ConfigError(f"{name}: expected a positive number, got {value}")


def demonstrate(
    ee: Poses, now: Poses, path: Poses, velocity: Poses, period_s: float, s: DemonstratorSettings
) -> Poses:
    """The next H poses of a demonstration.

    Args:
        ee: `(B, …)` where the hand is. now: `(B, …)` where its path is at this moment.
        path: `(B, H, …)` where its path goes in the next H steps.
        velocity: `(B, …)` the path's motion a second: displacement [m] in base, and the rotation
            vector's matrix of one control period, in the frame of `now`.
    """
    offset = ee.local(now)
    behind = -s.lag_s * (now.rotations.transpose(-1, -2) @ velocity.positions[..., None])[..., 0]
    turned_behind = -s.lag_s / period_s * rotvec_from_matrix(velocity.rotations)
    moved = _effective(offset.positions, behind, s.slack_m)
    turned = _effective(rotvec_from_matrix(offset.rotations), turned_behind, s.slack_rad)

    steps = path.positions.shape[1]
    times = torch.arange(1, steps + 1, device=moved.device) * period_s
    moved = moved[:, None] * _remaining(moved, times, s.speed_m_s, s.time_constant_s)
    turned = turned[:, None] * _remaining(turned, times, s.speed_rad_s, s.time_constant_s)
    moved = moved @ now.rotations.transpose(-1, -2)
    return Poses(path.positions + moved, path.rotations @ matrix_from_rotvec(turned))


def _effective(offset: Tensor, behind: Tensor, slack: float) -> Tensor:
    """The part of an offset that is worth a motion: not lag along the path, not tracking error."""
    length = (behind * behind).sum(-1, keepdim=True)
    share = ((offset * behind).sum(-1, keepdim=True) / length.clamp(min=1e-9)).clamp(0.0, 1.0)
    rest = offset - share * behind
    size = (rest * rest).sum(-1, keepdim=True)
    effective: Tensor = rest * size / (size + slack * slack)
    return effective


def _remaining(offset: Tensor, times: Tensor, speed: float, constant_s: float) -> Tensor:
    """The share `(B, H, 1)` of an offset that is left after each of `times` `(H,)`."""
    size = offset.norm(dim=-1, keepdim=True)
    near = speed * constant_s
    run_s = ((size - near) / speed).clamp(min=0.0)
    running = (size - speed * times).clamp(min=near)
    falling = size.clamp(max=near) * torch.exp(-(times - run_s).clamp(min=0.0) / constant_s)
    left = torch.where(times < run_s, running, falling)
    share: Tensor = (left / size.clamp(min=1e-9))[..., None]
    return share
