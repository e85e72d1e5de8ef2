"""Batches for point-cloud fine-tuning: contacts seen by a depth camera, on and off the path."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from bridge_ros.expert.cloud_crop import ABSENT, crop_cloud, fill_up
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses, RawBatch
from bridge_ros.expert.rotations import rotvec_from_matrix
from bridge_ros.lab.scenes.depth_camera import CameraBatch, DepthCameraRanges, look, place_cameras
from bridge_ros.lab.scenes.grippers import arm_direction, gripper_solids
from bridge_ros.lab.scenes.interaction_scenes import InteractionScene, make_scenes
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.scenes.scene_settings import SceneSettings
from bridge_ros.lab.scenes.solids import Solids
from bridge_ros.lab.training.contact_moments import (
    ContactMoments,
    ContactStateSettings,
    Moment,
    things_at,
    widths_at,
)
from bridge_ros.lab.training.contact_paths import ContactPaths
from bridge_ros.lab.training.demonstrator import DemonstratorSettings, demonstrate

_LOOK_AT_ONCE = 32
_OLDEST_CLOUD_S = 0.15
_ROBOT_REMOVED_SHARE = 0.12


class InteractionBatch(NamedTuple):
    """Observations of contacts, and what a demonstration does next.

    raw: observations, with their clouds. targets, target_widths: the next H poses and widths.
    correction: `(B, 6)` position [m] and rotation vector of the true keypoint in the frame of the
    rough one; 0 where there is nothing to correct. weight: `(B,)` 0 for samples to be ignored.
    interaction, family: `(B,)` what it is about. to_go: `(B,)` path length to the keypoint [m].
    """

    raw: RawBatch
    targets: Poses
    target_widths: Tensor
    correction: Tensor
    weight: Tensor
    interaction: Tensor
    family: Tensor
    to_go: Tensor


class FinetuningData:
    """Draws batches; everything random comes from the generator that is passed in."""

    def __init__(
        self,
        paths: ContactPaths,
        config: ExpertConfig,
        *,
        scenes: SceneSettings | None = None,
        camera: DepthCameraRanges | None = None,
        states: ContactStateSettings | None = None,
        demonstrator: DemonstratorSettings | None = None,
    ) -> None:
        self.config = config
        self.camera = camera or DepthCameraRanges()
        self.scenes = scenes or SceneSettings()
        self.moments = ContactMoments(paths, config, states or ContactStateSettings())
        self._demonstrator = demonstrator or DemonstratorSettings()

    @property
    def device(self) -> torch.device:
        """Where batches are drawn."""
        return self.moments.paths.starts.device

    @torch.no_grad()
    def draw(self, size: int, generator: torch.Generator) -> InteractionBatch:
        """A batch of `size` observations with their demonstrations."""
        draw = RandomDraws(size, generator)
        scene = make_scenes(self.scenes, draw)
        path = self.moments.choose_paths(scene, draw)
        moment = self.moments.at(scene, self.moments.choose_instants(scene, path, draw))
        hand = self.moments.choose_hands(moment, draw)
        width = widths_at(scene, moment.since_act_s, draw.uniform(0.1, 0.4))
        thing, pushed = things_at(scene, hand, moment.since_act_s, width)
        true = Poses(scene.true.positions + pushed, scene.true.rotations)
        age = draw.uniform(0.0, _OLDEST_CLOUD_S, 1)
        seen_hand = Poses(hand.positions - age * moment.velocity.positions, hand.rotations)
        view = self.place_cameras(scene, moment, draw)
        removed = draw.chance(_ROBOT_REMOVED_SHARE)
        raw = self.observe(scene, moment, hand, seen_hand, thing, width, view, removed, draw)
        targets = demonstrate(
            hand,
            Poses(moment.now.positions + pushed, moment.now.rotations),
            Poses(moment.path.positions + pushed[:, None], moment.path.rotations),
            moment.velocity,
            self.config.control_period_s,
            self._demonstrator,
        )
        error = true.local(scene.rough)
        correction = torch.cat([error.positions, rotvec_from_matrix(error.rotations)], 1)
        return InteractionBatch(
            raw=raw,
            targets=targets,
            target_widths=moment.widths[:, 1 : self.config.horizon + 1],
            correction=correction * moment.visible[:, None],
            weight=scene.usable.float(),
            interaction=scene.interaction,
            family=scene.family,
            to_go=moment.to_go,
        )

    def place_cameras(
        self, scene: InteractionScene, moment: Moment, draw: RandomDraws
    ) -> CameraBatch:
        """Cameras that look at the end of the guidance, from a side that the arm does not take."""
        arm = (scene.rough.rotations @ arm_direction(scene.gripper)[..., None])[..., 0]
        return place_cameras(moment.guidance.at(-1).positions, arm, self.camera, draw)

    def observe(
        self,
        scene: InteractionScene,
        moment: Moment,
        hand: Poses,
        seen_hand: Poses,
        thing: Poses,
        width: Tensor,
        view: CameraBatch,
        removed: Tensor,
        draw: RandomDraws,
    ) -> RawBatch:
        """The observations of a moment.

        Args:
            hand, seen_hand: `(B, …)` where the hand is, and where the cloud, a little older, shows
                it. thing: `(B, …)` where the object is. width: `(B,)` opening of the gripper [m].
            removed: `(B,)` whether the robot's points are filtered from the cloud.
        """
        solids = Solids.union(scene.still, scene.thing.moved(*thing))
        robot = gripper_solids(scene.gripper, width).moved(*seen_hand)
        centre = moment.guidance.at(-1).positions
        points, mask = self._clouds(solids, robot, removed, centre, view, draw)
        zeros = torch.zeros(draw.size, 1, device=draw.device)
        measured = (width + 0.001 * draw.normal()).clamp(min=0.0)
        return RawBatch(
            ee=hand,
            guidance=moment.guidance,
            guidance_widths=moment.widths,
            width=measured[:, None],
            joints=zeros.expand(-1, 7),
            joints_mask=zeros,
            points=points,
            points_mask=mask,
        )

    def _clouds(
        self,
        solids: Solids,
        robot: Solids,
        removed: Tensor,
        centre: Tensor,
        view: CameraBatch,
        draw: RandomDraws,
    ) -> tuple[Tensor, Tensor]:
        """What the expert sees: points `(B, P, 3)` after crop and sampling, and their mask."""
        config = self.config
        seeds = torch.randint(2**31, (draw.size,), generator=draw.generator, device=draw.device)
        middles = centre.cpu().numpy()
        points = np.full((draw.size, config.point_count, 3), ABSENT, dtype=np.float32)
        mask = torch.zeros(draw.size, 1)
        for first in range(0, draw.size, _LOOK_AT_ONCE):
            part = slice(first, first + _LOOK_AT_ONCE)
            sight = look(
                CameraBatch(*(field[part] for field in view)),
                Solids(*(field[part] for field in solids)),
                Solids(*(field[part] for field in robot)),
                centre[part],
                config.crop_radius_m,
                self.camera,
                RandomDraws(len(centre[part]), draw.generator),
            )
            known = (sight.known & ~(sight.robot & removed[part, None])).cpu().numpy()
            measured = sight.points.cpu().numpy()
            for row in range(len(measured)):
                at = first + row
                cloud = measured[row][known[row]]
                cloud = crop_cloud(cloud, middles[at], config, seed=int(seeds[at]))
                points[at] = fill_up(cloud, config.point_count)
                mask[at] = float(len(cloud) > 0)
        return torch.from_numpy(points).to(draw.device), mask.to(draw.device)
