"""Where fine-tuning's data comes from: seeds, scenes and cameras, to train on and to test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch

from bridge_ros.expert.checkpoint import load_checkpoint
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.lab.scenes.depth_camera import DepthCameraRanges
from bridge_ros.lab.scenes.interaction_scenes import contacts_only
from bridge_ros.lab.scenes.random_draws import stream
from bridge_ros.lab.scenes.scene_settings import SceneSettings
from bridge_ros.lab.training.contact_paths import fit_contact_paths
from bridge_ros.lab.training.correction_error import NEAR_CONTACT
from bridge_ros.lab.training.demonstrator import DemonstratorSettings
from bridge_ros.lab.training.finetune_settings import FinetuneSettings
from bridge_ros.lab.training.finetuning_data import FinetuningData
from bridge_ros.lab.training.pretraining_data import PretrainingData, StateNoiseSettings
from bridge_ros.lab.training.trajectory_bank import sample_bank
from bridge_ros.settings.resources import resource_path

TRAINING, HELD_OUT = 0, 1
"""First numbers of the paths of seeds: training and held-out draws can never meet."""

Track = Callable[[Iterable[int]], Iterable[int]]


def seeing_config(settings: FinetuneSettings) -> ExpertConfig:
    """The config of the checkpoint that fine-tuning starts from, with its eyes open."""
    config = load_checkpoint(resource_path(settings.start)).config
    return replace(
        config,
        sees_points=True,
        point_count=settings.point_count,
        crop_radius_m=settings.crop_radius_m,
    )


def training_interactions(settings: FinetuneSettings, *, track: Track = iter) -> FinetuningData:
    """Contacts to train on, whose keypoints are as rough as the goal noise asks."""
    config = seeing_config(settings)
    paths = fit_contact_paths(
        settings.contact_paths,
        stream(settings.seed, TRAINING),
        period_s=config.control_period_s,
        track=track,
    )
    camera = DepthCameraRanges(rays=settings.rays)
    return FinetuningData(paths, config, scenes=_rough(settings.goal_noise_scale), camera=camera)


def held_out_interactions(settings: FinetuneSettings) -> FinetuningData:
    """Contacts to test on, the same whatever the training's noise is."""
    config = seeing_config(settings)
    paths = fit_contact_paths(
        max(5, settings.contact_paths // 10),
        stream(settings.seed, HELD_OUT),
        period_s=config.control_period_s,
    )
    return FinetuningData(
        paths,
        config,
        scenes=contacts_only(SceneSettings()),
        camera=DepthCameraRanges(rays=settings.rays),
        states=NEAR_CONTACT,
    )


def motions(settings: FinetuneSettings, *, device: torch.device) -> PretrainingData | None:
    """Motion without clouds, so that what pre-training taught is not forgotten."""
    if settings.motion_batch_size == 0:
        return None
    config = seeing_config(settings)
    bank = sample_bank(
        settings.trajectories,
        stream(settings.seed, TRAINING, 1),
        period_s=config.control_period_s,
    )
    return PretrainingData(bank.to(device), config, StateNoiseSettings(), DemonstratorSettings())


def _rough(goal_noise_scale: float) -> SceneSettings:
    """Scenes whose keypoints err in proportion to the paper's noise on the goal (table 8)."""
    usual = SceneSettings()
    factor = goal_noise_scale / 0.1
    return replace(
        usual,
        position_error_m=usual.position_error_m * factor,
        yaw_error_rad=usual.yaw_error_rad * factor,
        tilt_error_rad=usual.tilt_error_rad * factor,
        wrong_spot_share=usual.wrong_spot_share if factor > 0 else 0.0,
    )
