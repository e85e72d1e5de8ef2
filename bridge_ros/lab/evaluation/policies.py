"""The methods that are compared: what turns guidance into targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.expert.observation import ActionChunk, Observation
from bridge_ros.lab.evaluation.trial import Method

Policy = Callable[[Observation], ActionChunk]

_HORIZON = 16


def follow_guidance(observation: Observation) -> ActionChunk:
    """The paper's VLM+IK: the spline through the waypoints, unchanged."""
    ahead = slice(1, _HORIZON + 1)
    return ActionChunk(
        poses=observation.guidance_poses[ahead],
        gripper_widths=observation.guidance_widths[ahead],
    )


def make_policy(
    method: Method,
    checkpoint: str,
    loop: ExpertLoopSettings,
    *,
    device: str = "cpu",
    threads: int = 1,
) -> Policy:
    """What answers observations in a method, in a loop of these settings.

    Raises:
        CheckpointError, ConfigError: if the expert cannot be loaded, or is for another rate.
    """
    if method == "ik":
        return follow_guidance
    import torch

    from bridge_ros.expert.action_expert import ActionExpert

    torch.set_num_threads(threads)
    expert = ActionExpert.from_pretrained(checkpoint, device=device)
    loop.check_serves(expert.config, checkpoint)
    if method == "expert":
        return expert.predict
    nothing = np.empty((0, 3), dtype=np.float32)
    return lambda observation: expert.predict(replace(observation, points=nothing))


def sees(method: Method) -> bool:
    """Whether a method looks at clouds."""
    return method == "expert"
