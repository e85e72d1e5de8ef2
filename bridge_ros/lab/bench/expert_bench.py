"""Measures one prediction, from raw cloud to chunk, and its parts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bridge_ros.expert.action_expert import ActionExpert
from bridge_ros.expert.checkpoint import load_checkpoint
from bridge_ros.expert.cloud_crop import crop_cloud
from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.observation import Observation
from bridge_ros.expert.processor import STATE_DIM, Features, guidance_dim
from bridge_ros.geometry.poses import position_of
from bridge_ros.settings.resources import resource_path

_CLOUD_POINTS = 76_800


def bench_expert(
    checkpoint: str | Path = "models/action_expert",
    *,
    device: str = "cpu",
    threads: int = 2,
    repeats: int = 100,
) -> dict[str, Any]:
    """Milliseconds, p50 and p99, of `predict` and of what it is made of.

    The cloud is a table with things on it, as many points as every second pixel of a 640x480 image
    in each direction gives. The point encoder runs even where the checkpoint masks its feature out,
    so that the figure is that of a seeing expert.
    """
    torch.set_num_threads(threads)
    loaded = load_checkpoint(resource_path(checkpoint))
    config = replace(loaded.config, sees_points=True)
    network = ActionExpertNetwork(config)
    network.load_state_dict(loaded.state_dict())
    expert = ActionExpert(network, device=device)
    observation = _observation(config.guidance_steps)
    expert.warm_up()
    return {
        "predict": _quantiles(lambda: expert.predict(observation), repeats),
        **_parts(expert, network, observation, torch.device(device), repeats),
        "denoising_steps": config.inference_steps,
        "parameters_m": round(sum(p.numel() for p in network.parameters()) / 1e6, 2),
        "checkpoint_sees_points": loaded.config.sees_points,
        "device": torch.cuda.get_device_name() if device.startswith("cuda") else "cpu",
        "threads": threads,
    }


@torch.inference_mode()
def _parts(
    expert: ActionExpert,
    network: ActionExpertNetwork,
    observation: Observation,
    device: torch.device,
    repeats: int,
) -> dict[str, dict[str, float]]:
    config = network.config
    diffusion = Diffusion(config).to(device)
    cloud = np.asarray(observation.points, dtype=np.float32)
    centre = position_of(observation.guidance_poses[-1])
    features = Features(
        torch.zeros(1, STATE_DIM, device=device),
        torch.zeros(1, guidance_dim(config), device=device),
        torch.rand(1, config.point_count, 3, device=device) - 0.5,
        torch.ones(1, 1, device=device),
        torch.zeros(1, 3, 3, device=device),
    )
    condition = network.encode(features)
    noisy = diffusion.sample(network, condition)
    step = torch.zeros(1, device=device)

    def crop_and_sample() -> None:
        crop_cloud(cloud, centre, config)

    def on_device(call: Callable[[], object]) -> Callable[[], None]:
        def wait() -> None:
            call()
            if device.type == "cuda":
                torch.cuda.synchronize()

        return wait

    return {
        "crop_and_sample": _quantiles(crop_and_sample, repeats),
        "encoders": _quantiles(on_device(lambda: network.encode(features)), repeats),
        "denoising_step": _quantiles(
            on_device(lambda: network.denoise(noisy, step, condition)), repeats
        ),
    }


def _observation(guidance_steps: int) -> Observation:
    rng = np.random.default_rng(0)
    pose = np.array([0.5, 0.0, 0.15, 1.0, 0.0, 0.0, 0.0])
    guidance = np.tile(pose, (guidance_steps, 1))
    guidance[:, 2] = np.linspace(0.15, 0.02, guidance_steps)
    table = rng.uniform([0.1, -0.6, 0.0], [0.95, 0.6, 0.002], (_CLOUD_POINTS, 3))
    things = rng.uniform([0.48, -0.02, 0.0], [0.52, 0.02, 0.04], (_CLOUD_POINTS // 20, 3))
    return Observation(
        ee_pose=pose,
        joint_positions=None,
        gripper_width=0.08,
        guidance_poses=guidance,
        guidance_widths=np.full(guidance_steps, 0.08),
        points=np.concatenate([table, things]).astype(np.float32),
    )


def _quantiles(call: Callable[[], object], repeats: int) -> dict[str, float]:
    call()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    p50, p99 = np.percentile(times, [50, 99])
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}
