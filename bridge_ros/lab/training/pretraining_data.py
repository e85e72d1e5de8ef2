"""Batches for action pre-training: guidance, a perturbed state, and what the demonstration does."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses, RawBatch
from bridge_ros.expert.rotations import matrix_from_rotvec
from bridge_ros.lab.training.demonstrator import DemonstratorSettings, demonstrate
from bridge_ros.lab.training.trajectory_bank import TrajectoryBank


@dataclass(frozen=True, kw_only=True)
class StateNoiseSettings:
    """How states and guidance of the training data differ from the demonstrations' own.

    Attributes:
        goal_noise_scale: the paper's noise on the goal pose (table 8; 0.1 is its best), in units of
            `goal_noise_unit_m` and `goal_noise_unit_rad` a standard deviation an axis.
        goal_noise_unit_m, goal_noise_unit_rad: what a noise scale of 1 means: about the reach of a
            tabletop motion and of its turn, so that 0.1 is the error of a rough planner.
        blend_m: shortest and longest distance before the goal over which the guidance departs from
            the demonstration.
        tracking_m, tracking_rad: standard deviation of an arm that follows.
        disturbed_m, disturbed_rad: of an arm that was pushed off its path.
        disturbed_share, far_share: shares of pushed arms, and of arms anywhere within `far_m`,
            `far_rad`.
        slowed_share: share of guidance that runs slower than the clock, down to standstill.
        clipped_share: share of guidance windows that are shorter than what the network can see.
    """

    goal_noise_scale: float = 0.1
    goal_noise_unit_m: float = 0.2
    goal_noise_unit_rad: float = 1.0
    blend_m: tuple[float, float] = (0.05, 0.30)
    tracking_m: float = 0.003
    tracking_rad: float = 0.015
    disturbed_m: float = 0.025
    disturbed_rad: float = 0.12
    far_m: float = 0.15
    far_rad: float = 0.8
    disturbed_share: float = 0.3
    far_share: float = 0.15
    slowed_share: float = 0.15
    clipped_share: float = 0.2

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            values = value if isinstance(value, tuple) else (value,)
            if not all(v >= 0 for v in values):
                raise ConfigError(f"{name}: expected no negative number, got {value}")
        if not self.blend_m[0] < self.blend_m[1]:
            raise ConfigError(f"blend_m: expected shortest < longest, got {self.blend_m}")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Observations, and the demonstration's next H poses and widths in the base frame."""

    raw: RawBatch
    targets: Poses
    target_widths: Tensor


class PretrainingData:
    """Draws batches from a bank; everything random comes from the generator that is passed in."""

    def __init__(
        self,
        bank: TrajectoryBank,
        config: ExpertConfig,
        noise: StateNoiseSettings,
        demonstrator: DemonstratorSettings,
    ) -> None:
        self._bank = bank
        self._config = config
        self._noise = noise
        self._demonstrator = demonstrator
        self._knots = torch.tensor((0, *config.guidance_knots), device=bank.positions.device)

    def draw(self, size: int, generator: torch.Generator) -> Batch:
        """A batch of `size` observations with their demonstrations."""
        bank, config, noise = self._bank, self._config, self._noise
        device = bank.positions.device

        def uniform(low: float, high: float, *shape: int) -> Tensor:
            values = torch.rand(size, *shape, generator=generator, device=device)
            return low + (high - low) * values

        def normal(*shape: int) -> Tensor:
            return torch.randn(size, *shape, generator=generator, device=device)

        start = torch.randint(len(bank), (size,), generator=generator, device=device)
        end = bank.ends[start]
        rate = torch.where(uniform(0, 1) < noise.slowed_share, uniform(0, 1), 1.0)
        seen = torch.where(
            uniform(0, 1) < noise.clipped_share,
            uniform(1, config.guidance_knots[-1]),
            float(config.guidance_knots[-1]),
        ).round()
        steps = torch.minimum(self._knots.expand(size, -1), seen[:, None])
        begin = start + uniform(0, 1)
        index = torch.minimum(begin[:, None] + rate[:, None] * steps, end[:, None].float())
        guidance = bank.at(index)
        widths = bank.widths[index.floor().long()]

        now = guidance.at(0)
        before = bank.at(torch.minimum(begin, end.float()))
        after = bank.at(torch.minimum(begin + rate, end.float()))
        period = config.control_period_s
        velocity = Poses(
            (after.positions - before.positions) / period,
            before.rotations.transpose(-1, -2) @ after.rotations,
        )

        draw = uniform(0, 1)
        far = draw < noise.far_share
        pushed = ~far & (draw < noise.far_share + noise.disturbed_share)
        ee = []
        for tracking, disturbed, most in (
            (noise.tracking_m, noise.disturbed_m, noise.far_m),
            (noise.tracking_rad, noise.disturbed_rad, noise.far_rad),
        ):
            direction = torch.nn.functional.normalize(normal(3), dim=-1)
            offset = torch.where(pushed[:, None], disturbed, tracking) * normal(3)
            offset = torch.where(far[:, None], direction * uniform(0, most, 1), offset)
            ee.append(offset)
        lag = uniform(0, self._demonstrator.lag_s, 1)
        turned_lag = matrix_from_rotvec(ee[1])
        hand = Poses(
            now.positions - lag * velocity.positions + (now.rotations @ ee[0][..., None])[..., 0],
            now.rotations @ turned_lag,
        )

        ahead = Poses(
            guidance.positions[:, 1 : config.horizon + 1],
            guidance.rotations[:, 1 : config.horizon + 1],
        )
        to_go = bank.to_go[index[:, 1 : config.horizon + 1].floor().long()]
        path = self._demonstrated(ahead, to_go, uniform(*noise.blend_m, 1), normal(3), normal(3))
        targets = demonstrate(hand, now, path, velocity, period, self._demonstrator)

        measured = torch.where(
            uniform(0, 1) < 0.7, widths[:, 0] + 0.001 * normal(), uniform(0, 0.11)
        )
        zeros = torch.zeros(size, 1, device=device)
        raw = RawBatch(
            ee=hand,
            guidance=guidance,
            guidance_widths=widths,
            width=measured[:, None],
            joints=zeros.expand(-1, 7),
            joints_mask=zeros,
            points=None,
            points_mask=zeros,
        )
        return Batch(raw=raw, targets=targets, target_widths=widths[:, 1 : config.horizon + 1])

    def _demonstrated(
        self, guidance: Poses, to_go: Tensor, blend: Tensor, moved: Tensor, turned: Tensor
    ) -> Poses:
        """The clean path: the guidance without its goal noise, which grows towards the goal."""
        noise = self._noise
        share = (1.0 - to_go / blend).clamp(0.0, 1.0)
        share = (share * share * (3.0 - 2.0 * share))[..., None]
        moved = noise.goal_noise_scale * noise.goal_noise_unit_m * moved[:, None] * share
        turned = noise.goal_noise_scale * noise.goal_noise_unit_rad * turned[:, None] * share
        return Poses(
            guidance.positions + (guidance.rotations @ moved[..., None])[..., 0],
            guidance.rotations @ matrix_from_rotvec(turned),
        )
