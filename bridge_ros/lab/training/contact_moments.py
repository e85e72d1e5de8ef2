"""Instants of a contact: the guidance, the corrected path beside it, and where the hand may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.errors import ConfigError
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_rotvec, rotvec_from_matrix
from bridge_ros.lab.scenes.interaction_scenes import GRASP, LEAVE, PLACE, InteractionScene
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.training.contact_paths import ContactPaths

_END_MOVES_M = 0.02


@dataclass(frozen=True, kw_only=True)
class ContactStateSettings:
    """Where along a contact the states lie, and how far from the demonstration.

    Most hands say nothing about where the true keypoint is: they follow the rough guidance, or have
    corrected it as another scene would ask for. If hands were mostly on the true path, a policy
    would learn to read the correction off the hand instead of looking for it.

    Attributes:
        corrected_from_m, correct_until_m: path length before the contact at which a demonstration
            has corrected its guidance, and at which it begins to.
        on_guidance_share, on_path_share: states that follow the rough guidance, or the corrected
            path; the rest goes astray, by up to 1.2 times another scene's correction.
        tracking_m, tracking_rad: standard deviation of an arm that follows.
        pushed_share, pushed_m, pushed_rad: arms that were pushed off.
        lag_s: an arm is behind its path by up to this.
        slowed_share, clipped_share: guidance that runs slower, windows that are shorter.
        settled_share, early_share: instants after the gripper acted, and far from the contact.
        soon_s: the others are at most this long before the gripper acts.
    """

    corrected_from_m: float = 0.06
    correct_until_m: float = 0.20
    on_guidance_share: float = 0.40
    on_path_share: float = 0.12
    tracking_m: float = 0.003
    tracking_rad: float = 0.015
    pushed_share: float = 0.07
    pushed_m: float = 0.025
    pushed_rad: float = 0.12
    lag_s: float = 0.15
    slowed_share: float = 0.1
    clipped_share: float = 0.08
    settled_share: float = 0.12
    early_share: float = 0.12
    soon_s: float = 2.1

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value >= 0:
                raise ConfigError(f"{name}: expected no negative number, got {value}")
        if not self.corrected_from_m < self.correct_until_m:
            raise ConfigError(
                "corrected_from_m: expected less than correct_until_m, "
                f"got {self.corrected_from_m} and {self.correct_until_m}"
            )


class Instants(NamedTuple):
    """When to look at each scene.

    index, act, last: `(B,)` indices into the bank: of the instant (fractional), of the moment at
    which the gripper acts, and of the last pose. pace: `(B,)` how fast the guidance runs, 1 in step
    with the clock. seen: `(B,)` steps of guidance that are seen.
    """

    index: Tensor  # type: ignore[assignment]
    act: Tensor
    last: Tensor
    pace: Tensor
    seen: Tensor


class Moment(NamedTuple):
    """The guidance at one instant of each scene, and the corrected path beside it.

    guidance, widths: `(B, K + 1, …)` now and at the knots. now, path: the corrected path now and in
    the next H steps. astray: `(B, …)` now, of a path corrected as another scene asks.
    velocity: `(B, …)` of the guidance: metres a second in the world, and the rotation of one
    control period. to_go: `(B,)` path length to the keypoint [m]. since_act_s: `(B,)` since the
    gripper was told; negative before. visible: `(B,)` 1 where the window's end is the keypoint, so
    that its surroundings are seen.
    """

    guidance: Poses
    widths: Tensor
    now: Poses
    path: Poses
    astray: Poses
    velocity: Poses
    to_go: Tensor
    since_act_s: Tensor
    visible: Tensor


class ContactMoments:
    """Computes instants of scenes along fitted paths."""

    def __init__(
        self, paths: ContactPaths, config: ExpertConfig, settings: ContactStateSettings
    ) -> None:
        self.settings = settings
        self.paths = paths
        self._config = config
        device = paths.starts.device
        self._knots = torch.tensor((0, *config.guidance_knots), device=device)
        self._arriving = torch.nonzero(~paths.leaving, as_tuple=True)[0]
        self._leaving = torch.nonzero(paths.leaving, as_tuple=True)[0]

    def choose_paths(self, scene: InteractionScene, draw: RandomDraws) -> Tensor:
        """A fitted path `(B,)` for each scene: one that leaves, or one that arrives."""
        pick = draw.uniform(0.0, 1.0)
        arriving = self._arriving[(pick * len(self._arriving)).long()]
        leaving = self._leaving[(pick * len(self._leaving)).long()]
        return torch.where(scene.interaction == LEAVE, leaving, arriving)

    def choose_instants(self, scene: InteractionScene, path: Tensor, draw: RandomDraws) -> Instants:
        """Random instants, most of them in the two seconds before the contact."""
        s, paths, config = self.settings, self.paths, self._config
        start, act, last = paths.starts[path], paths.acts[path], paths.ends[path]
        kind = draw.uniform(0.0, 1.0)
        soon = act - draw.uniform(0.0, s.soon_s / config.control_period_s)
        early = act - draw.uniform(30.0, 90.0)
        after = act + draw.uniform(0.0, 1.0) * (last - act)
        index = torch.where(kind < s.early_share, early, soon)
        index = torch.where(kind > 1.0 - s.settled_share, after, index)
        departed = start + draw.uniform(0.0, 50.0)
        index = torch.where(scene.interaction == LEAVE, departed, index)
        index = torch.maximum(torch.minimum(index, last.float()), start.float())
        longest = float(config.guidance_knots[-1])
        seen = torch.where(draw.chance(s.clipped_share), draw.uniform(1, longest), longest)
        pace = torch.where(draw.chance(s.slowed_share), draw.uniform(0, 1), 1.0)
        return Instants(index, act, last, pace, seen.round())

    def at(self, scene: InteractionScene, when: Instants) -> Moment:
        """The guidance and the corrected path of an instant."""
        bank, config, s = self.paths.bank, self._config, self.settings
        steps = torch.minimum(self._knots.expand(len(when.index), -1), when.seen[:, None])
        last = when.last.float()[:, None]
        index = torch.minimum(when.index[:, None] + when.pace[:, None] * steps, last)
        guidance = _placed(bank.at(index), scene.rough)
        acted = index.floor().long() >= when.act[:, None]
        widths = torch.where(acted, scene.told_after_m[:, None], scene.told_before_m[:, None])
        to_go = bank.to_go[index.floor().long()]
        after = torch.minimum(when.index + when.pace, last[:, 0])[:, None]
        before = guidance.at(0)
        after_pose = _placed(bank.at(after), scene.rough).at(0)
        period = config.control_period_s
        velocity = Poses(
            (after_pose.positions - before.positions) / period,
            before.rotations.transpose(-1, -2) @ after_pose.rotations,
        )
        visible = (1.0 - to_go[:, -1] / _END_MOVES_M).clamp(0.0, 1.0)
        visible = torch.where(scene.interaction == LEAVE, 0.0, visible)
        span = s.correct_until_m - s.corrected_from_m
        share = (1.0 - (to_go - s.corrected_from_m) / span).clamp(0.0, 1.0)
        share = share * share * (3.0 - 2.0 * share)
        corrected = _corrected(guidance, scene, share * visible[:, None])
        return Moment(
            guidance=guidance,
            widths=widths,
            now=corrected.at(0),
            path=Poses(
                corrected.positions[:, 1 : config.horizon + 1],
                corrected.rotations[:, 1 : config.horizon + 1],
            ),
            astray=_astray(before, scene, share[:, 0]),
            velocity=velocity,
            to_go=to_go[:, 0],
            since_act_s=(when.index - when.act) * period,
            visible=visible,
        )

    def choose_hands(self, moment: Moment, draw: RandomDraws) -> Poses:
        """Where the hand is: following the guidance, the corrected path, or off both."""
        s = self.settings
        now, guidance = moment.now, moment.guidance.at(0)
        kind = draw.uniform(0.0, 1.0)
        settled = moment.since_act_s > 0
        on_path = (kind > 1.0 - s.on_path_share) | (settled & draw.chance(0.7))
        share = torch.where(kind < s.on_guidance_share, 0.0, draw.uniform(0.0, 1.2))
        share = torch.where(on_path, 1.0, share)
        towards = Poses(
            torch.where(on_path[:, None], now.positions, moment.astray.positions),
            torch.where(on_path[:, None, None], now.rotations, moment.astray.rotations),
        )
        pushed = draw.chance(s.pushed_share) & ~settled
        spread_m = torch.where(pushed, s.pushed_m, s.tracking_m)
        spread_rad = torch.where(pushed, s.pushed_rad, s.tracking_rad)
        turn = rotvec_from_matrix(towards.rotations @ guidance.rotations.transpose(-1, -2))
        turned = matrix_from_rotvec(turn * share[:, None]) @ guidance.rotations
        moved = torch.lerp(guidance.positions, towards.positions, share[:, None])
        moved = moved - draw.uniform(0.0, s.lag_s, 1) * moment.velocity.positions
        return Poses(
            moved + spread_m[:, None] * draw.normal(3),
            turned @ matrix_from_rotvec(spread_rad[:, None] * draw.normal(3)),
        )


def widths_at(scene: InteractionScene, since_act_s: Tensor, speed_m_s: Tensor) -> Tensor:
    """How far grippers `(B,)` are open some time after they were told to act [m]."""
    travel = speed_m_s * since_act_s.clamp(min=0.0)
    change = scene.width_after_m - scene.width_before_m
    return scene.width_before_m + change.sign() * torch.minimum(travel, change.abs())


def things_at(
    scene: InteractionScene, hand: Poses, since_act_s: Tensor, width_m: Tensor
) -> tuple[Poses, Tensor]:
    """Where the objects are, and by how much `(B, 3)` [m] the fingers have moved them.

    A held object moves with the hand until it is let go; a closing gripper pushes what it grasps to
    the middle between its fingers.
    """
    released = (scene.interaction == PLACE) & (since_act_s > 0)
    carrier = Poses(
        torch.where(released[:, None], scene.true.positions, hand.positions),
        torch.where(released[:, None, None], scene.true.rotations, hand.rotations),
    )
    carried = _placed(
        Poses(scene.in_hand.positions[:, None], scene.in_hand.rotations[:, None]), carrier
    ).at(0)
    y = hand.rotations[..., 1]
    gripping = (scene.interaction == GRASP) & (since_act_s > 0)
    off = ((scene.true.positions - hand.positions) * y).sum(-1)
    room = ((width_m - scene.width_after_m) / 2).clamp(min=0.0)
    kept = torch.maximum(torch.minimum(off, room), -room)
    pushed = torch.where(gripping, kept - off, 0.0)[:, None] * y
    held = scene.held[:, None]
    return Poses(
        torch.where(held, carried.positions, scene.thing_pose.positions + pushed),
        torch.where(held[..., None], carried.rotations, scene.thing_pose.rotations),
    ), pushed


def _placed(poses: Poses, frame: Poses) -> Poses:
    """Poses `(B, K, …)` given in frames `(B, …)`, in the world."""
    positions = (frame.rotations[:, None] @ poses.positions[..., None])[..., 0]
    return Poses(positions + frame.positions[:, None], frame.rotations[:, None] @ poses.rotations)


def _corrected(guidance: Poses, scene: InteractionScene, share: Tensor) -> Poses:
    """Guidance `(B, K, …)` with a share `(B, K)` of the keypoint's correction."""
    moved = (scene.true.positions - scene.rough.positions)[:, None] * share[..., None]
    turn = rotvec_from_matrix(scene.true.rotations @ scene.rough.rotations.transpose(-1, -2))
    turned = matrix_from_rotvec(turn[:, None] * share[..., None])
    return Poses(guidance.positions + moved, turned @ guidance.rotations)


def _astray(now: Poses, scene: InteractionScene, share: Tensor) -> Poses:
    """The guidance now `(B, …)` with a share `(B,)` of the correction of the scene before."""
    other = scene.true.local(scene.rough)
    move = scene.rough.rotations @ other.positions.roll(1, 0)[..., None]
    turn = scene.rough.rotations @ rotvec_from_matrix(other.rotations.roll(1, 0))[..., None]
    turned = matrix_from_rotvec(turn[..., 0] * share[:, None])
    return Poses(now.positions + move[..., 0] * share[:, None], turned @ now.rotations)
