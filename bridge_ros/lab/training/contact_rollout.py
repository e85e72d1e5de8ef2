"""Procedural contacts in closed loop: where the hand ends when it follows what the expert says.

Kinematic: the hand is where its targets put it, a step late. That is enough to see what chunk by
chunk errors cannot show: corrections that build up, are forgotten, or chase themselves.
"""

from __future__ import annotations

import torch
from torch import Tensor

from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Poses, Processor
from bridge_ros.expert.rotations import rotvec_from_matrix
from bridge_ros.lab.scenes.interaction_scenes import INTERACTIONS, contacts_only, make_scenes
from bridge_ros.lab.scenes.random_draws import RandomDraws
from bridge_ros.lab.training.contact_moments import Instants, things_at, widths_at
from bridge_ros.lab.training.correction_error import summary
from bridge_ros.lab.training.finetuning_data import FinetuningData
from bridge_ros.lab.training.map_tensors import map_tensors

_BEFORE_ACT_STEPS = 44.0


@torch.no_grad()
def roll_out(
    network: ActionExpertNetwork,
    data: FinetuningData,
    count: int,
    generator: torch.Generator,
    *,
    replan_steps: int = 6,
) -> dict[str, dict[str, float]]:
    """Errors at the keypoint, of the guidance and of the hand that followed the chunks.

    Args:
        replan_steps: control steps between two predictions.
    """
    config = network.config
    device = next(network.parameters()).device
    processor, diffusion = Processor(config), Diffusion(config).to(device)
    network.eval()
    draw = RandomDraws(count, generator)
    scene = make_scenes(contacts_only(data.scenes), draw)
    paths = data.moments.paths
    path = data.moments.choose_paths(scene, draw)
    act, last = paths.acts[path], paths.ends[path]
    begin = torch.maximum(act.float() - _BEFORE_ACT_STEPS, paths.starts[path].float())
    unhurried = torch.ones_like(begin)
    seen = unhurried * config.guidance_knots[-1]
    first = data.moments.at(scene, Instants(begin, act, last, unhurried, seen))
    hand = first.guidance.at(0)
    view = data.place_cameras(scene, first, draw)
    visible_robot = torch.zeros(count, dtype=torch.bool, device=data.device)
    speed = unhurried
    steps = slice(1, config.horizon + 1)
    for number in range(int(_BEFORE_ACT_STEPS) // replan_steps):
        # Whoever has less far to go waits at its start, so that all arrive together.
        index = act.float() - _BEFORE_ACT_STEPS + number * replan_steps
        moment = data.moments.at(
            scene, Instants(torch.maximum(index, begin), act, last, unhurried, seen)
        )
        width = widths_at(scene, moment.since_act_s, speed)
        thing, _ = things_at(scene, hand, moment.since_act_s, width)
        raw = data.observe(scene, moment, hand, hand, thing, width, view, visible_robot, draw)
        there = map_tensors(raw, lambda value: value.to(device))
        condition = network.encode(processor.encode(there))
        noise = torch.Generator(device).manual_seed(number)
        actions = diffusion.sample(network, condition, noise).to(data.device)
        ahead = Poses(raw.guidance.positions[:, steps], raw.guidance.rotations[:, steps])
        chunk, _ = processor.decode_actions(actions, ahead, raw.guidance_widths[:, steps])
        waiting = index + replan_steps <= begin
        reached = chunk.at(replan_steps - 2)
        hand = Poses(
            torch.where(waiting[:, None], hand.positions, reached.positions),
            torch.where(waiting[:, None, None], hand.rotations, reached.rotations),
        )
    rows = torch.nonzero(scene.usable, as_tuple=True)[0]
    group = [INTERACTIONS[int(kind)] for kind in scene.interaction[rows]]
    before = _missing(scene.true, scene.rough)[rows]
    return summary(before.cpu(), _missing(scene.true, hand)[rows].cpu(), group)


def _missing(true: Poses, hand: Poses) -> Tensor:
    """What hands `(B, …)` still lack of the true keypoints, in their own frames: `(B, 6)`."""
    error = true.local(hand)
    return torch.cat([error.positions, rotvec_from_matrix(error.rotations)], 1)
