"""The one transform chain of training and serving: poses in base to network inputs, and back.

Inside, everything is local. Guidance is given in the frame of the guidance pose of now, the end
effector as its offset from that pose, points and fingertips in the frame of the guidance's end. An
action is the correction that a target makes to the guidance pose of the same step, in the frame of
that guidance pose: perfect following is the origin of the action space, and nothing depends on
where the base, the table or the camera stands.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.configuration import ACTION_DIM, ExpertConfig
from bridge_ros.expert.rotations import matrix_from_six, six_from_matrix

_REACH_M = 0.10
_OFFSET_M = 0.03
_TURN = 0.3
_WIDTH_M = 0.05
_IDENTITY_SIX = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
STATE_DIM = 9 + 9 + 1 + 7 + 1
"""Offset from the guidance 9, pose before the guidance's end 9, width 1, joints 7, their mask 1."""


class Poses(NamedTuple):
    """Positions `(…, 3)` [m] and rotation matrices `(…, 3, 3)`, base frame."""

    positions: Tensor
    rotations: Tensor

    def local(self, frame: Poses) -> Poses:
        """These poses expressed in `frame`, which broadcasts."""
        inverse = frame.rotations.transpose(-1, -2)
        offset = (inverse @ (self.positions - frame.positions)[..., None])[..., 0]
        return Poses(offset, inverse @ self.rotations)

    def at(self, index: int | Tensor) -> Poses:
        """The poses at an index (or indices) of the second dimension."""
        return Poses(self.positions[:, index], self.rotations[:, index])


class RawBatch(NamedTuple):
    """Observations before normalisation, base frame, SI units.

    ee: `(B, 3)` and `(B, 3, 3)`; guidance: `(B, K + 1, …)` at now and at the K knots, with
    widths `(B, K + 1)`; width `(B, 1)`; joints `(B, 7)`, zero where unknown, with mask `(B, 1)`;
    points `(B, P, 3)`, ABSENT where there are fewer, and `points_mask` `(B, 1)`, 0 where there is
    no cloud.
    """

    ee: Poses
    guidance: Poses
    guidance_widths: Tensor
    width: Tensor
    joints: Tensor
    joints_mask: Tensor
    points: Tensor | None
    points_mask: Tensor


class Features(NamedTuple):
    """Network inputs.

    state: `(B, STATE_DIM)`. guidance: `(B, 10 K + 1)`. points `(B, P, 3)`, and hand `(B, 3, 3)`,
    its tool centre point and both fingertips, in the guidance's end frame, in crop radii.
    """

    state: Tensor
    guidance: Tensor
    points: Tensor | None
    points_mask: Tensor
    hand: Tensor


class Processor:
    """Encodes observations, encodes and decodes actions, for one ExpertConfig."""

    def __init__(self, config: ExpertConfig) -> None:
        self.config = config
        self._action_scale = torch.tensor(
            [config.position_scale_m] * 3 + [config.rotation_scale] * 6 + [config.width_scale_m]
        )

    def encode(self, raw: RawBatch) -> Features:
        """Observations to network inputs."""
        now, end = raw.guidance.at(0), raw.guidance.at(-1)
        offset, before_end = raw.ee.local(now), raw.ee.local(end)
        state = [
            offset.positions / _OFFSET_M,
            _turn(offset.rotations) / _TURN,
            (before_end.positions / _REACH_M).clamp(-5.0, 5.0),
            _turn(before_end.rotations),
            raw.width / _WIDTH_M - 1.0,
            raw.joints / torch.pi * raw.joints_mask,
            raw.joints_mask,
        ]
        ahead = Poses(raw.guidance.positions[:, 1:], raw.guidance.rotations[:, 1:])
        here = Poses(now.positions[:, None], now.rotations[:, None])
        ahead = ahead.local(here)
        guidance = torch.cat(
            [
                (ahead.positions / _REACH_M).flatten(1),
                _turn(ahead.rotations).flatten(1),
                raw.guidance_widths / _WIDTH_M - 1.0,
            ],
            1,
        )
        radius = self.config.crop_radius_m
        points = None
        if raw.points is not None:
            points = (raw.points - end.positions[:, None]) @ end.rotations / radius
        aside = 0.5 * raw.width * before_end.rotations[..., 1]
        tcp = before_end.positions
        hand = torch.stack([tcp, tcp + aside, tcp - aside], 1) / radius
        return Features(torch.cat(state, 1), guidance, points, raw.points_mask, hand)

    def encode_actions(
        self, targets: Poses, widths: Tensor, guidance: Poses, guidance_widths: Tensor
    ) -> Tensor:
        """Targets of the H steps after now, `(B, H, …)`, to normalised actions `(B, H, 10)`.

        Args:
            widths: `(B, H)` [m]. guidance, guidance_widths: of the same steps, `(B, H, …)`.
        """
        correction = targets.local(guidance)
        values = [
            correction.positions,
            _turn(correction.rotations),
            (widths - guidance_widths)[..., None],
        ]
        return torch.cat(values, -1) / self._action_scale.to(widths.device)

    def decode_actions(
        self, actions: Tensor, guidance: Poses, guidance_widths: Tensor
    ) -> tuple[Poses, Tensor]:
        """The inverse of `encode_actions`."""
        values = actions * self._action_scale.to(actions.device)
        turned = matrix_from_six(values[..., 3:9] + values.new_tensor(_IDENTITY_SIX))
        moved = (guidance.rotations @ values[..., :3, None])[..., 0]
        poses = Poses(guidance.positions + moved, guidance.rotations @ turned)
        return poses, guidance_widths + values[..., 9]


def guidance_dim(config: ExpertConfig) -> int:
    """Size of the guidance encoder's input."""
    return ACTION_DIM * len(config.guidance_knots) + 1


def _turn(rotations: Tensor) -> Tensor:
    """Rotation matrices to their 6D difference from no rotation."""
    return six_from_matrix(rotations) - rotations.new_tensor(_IDENTITY_SIX)
