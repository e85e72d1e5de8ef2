"""How much of the guidance's error at a contact is left in a chunk: what fine-tuning is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from bridge_ros.expert.diffusion import Diffusion
from bridge_ros.expert.modeling import ActionExpertNetwork
from bridge_ros.expert.processor import Poses, Processor, RawBatch
from bridge_ros.expert.rotations import matrix_from_rotvec, rotvec_from_matrix
from bridge_ros.lab.scenes.interaction_scenes import GRASP, INTERACTIONS, PLACE
from bridge_ros.lab.training.contact_moments import ContactStateSettings
from bridge_ros.lab.training.finetuning_data import FinetuningData
from bridge_ros.lab.training.map_tensors import join_tensors, map_tensors

_AT_ONCE = 64
_DRAWN_AT_ONCE = 64
_CONTACT_REACH_M = 0.12
_OFF_M = 0.005

NEAR_CONTACT = ContactStateSettings(early_share=0.0, settled_share=0.0, soon_s=1.2)
"""Instants for this measure: the last second before the gripper acts."""


class CorrectionSamples(NamedTuple):
    """Observations near a contact, and what is wrong with their guidance.

    raw: `(B, …)`. correction: `(B, 6)` in the frame of the guidance's end: position [m], rotation
    vector. group: B names, e.g. "grasp".
    """

    raw: RawBatch
    correction: Tensor
    group: list[str]


@torch.inference_mode()
def remaining_errors(
    network: ActionExpertNetwork, samples: CorrectionSamples
) -> tuple[Tensor, Tensor]:
    """The error of the guidance and of the chunk's last target, `(B, 6)` each, frame of the end.

    Both are given as the correction that is still missing: position [m] and rotation vector.
    """
    config = network.config
    device = next(network.parameters()).device
    processor, diffusion = Processor(config), Diffusion(config).to(device)
    network.eval()
    rows = len(samples.correction)
    left = []
    for first in range(0, rows, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        raw = map_tensors(samples.raw, _rows(part, device))
        steps = slice(1, config.horizon + 1)
        ahead = Poses(raw.guidance.positions[:, steps], raw.guidance.rotations[:, steps])
        condition = network.encode(processor.encode(raw))
        generator = torch.Generator(device).manual_seed(first)
        actions = diffusion.sample(network, condition, generator)
        chunk, _ = processor.decode_actions(actions, ahead, raw.guidance_widths[:, steps])
        correction = samples.correction[part].to(device)
        end = raw.guidance.at(-1)
        moved = (end.rotations @ correction[:, :3, None])[..., 0]
        turn = end.rotations @ matrix_from_rotvec(correction[:, 3:]) @ end.rotations.mT
        wanted = Poses(ahead.at(-1).positions + moved, turn @ ahead.at(-1).rotations)
        got = chunk.at(-1)
        off = (end.rotations.mT @ (wanted.positions - got.positions)[..., None])[..., 0]
        spin = end.rotations.mT @ wanted.rotations @ got.rotations.mT @ end.rotations
        left.append(torch.cat([off, rotvec_from_matrix(spin)], 1))
    return samples.correction, torch.cat(left).cpu()


def correction_error(
    network: ActionExpertNetwork, samples: CorrectionSamples
) -> dict[str, dict[str, float]]:
    """What of the guidance's error a single chunk leaves; see `summary`."""
    before, after = remaining_errors(network, samples)
    return summary(before, after, samples.group)


def summary(before: Tensor, after: Tensor, group: Sequence[str]) -> dict[str, dict[str, float]]:
    """Errors before and after for each group: across and along the approach [mm], yaw, tilt.

    Means, and for "across", which is in the plane of the fingers' opening and their width, also the
    median and the 90th percentile; yaw is about the approach. "improved" is the share of rough
    keypoints, off by 5 mm or more across, that came nearer.
    """
    figures: dict[str, dict[str, float]] = {}
    for name in sorted(set(group)):
        rows = torch.tensor([one == name for one in group])
        figures[name] = {"samples": float(rows.sum())}
        for when, error in (("before", before[rows]), ("after", after[rows])):
            across = error[:, :2].norm(dim=1) * 1000.0
            figures[name] |= {
                f"across_{when}_mm": float(across.mean()),
                f"across_{when}_p50_mm": float(across.quantile(0.5)),
                f"across_{when}_p90_mm": float(across.quantile(0.9)),
                f"along_{when}_mm": float(error[:, 2].abs().mean()) * 1000.0,
                f"yaw_{when}_deg": float(torch.rad2deg(error[:, 5].abs().mean())),
                f"tilt_{when}_deg": float(torch.rad2deg(error[:, 3:5].norm(dim=1).mean())),
                f"within_8mm_{when}": float((across < 8.0).float().mean()),
            }
        was, left = before[rows, :2].norm(dim=1), after[rows, :2].norm(dim=1)
        off = was >= _OFF_M
        figures[name]["improved"] = float((left < was)[off].float().mean()) if off.any() else 1.0
    return figures


def contact_samples(
    data: FinetuningData, count: int, generator: torch.Generator
) -> CorrectionSamples:
    """`count` held-out grasps and placements, on the last centimetres before the contact."""
    parts: list[CorrectionSamples] = []
    missing = count
    while missing > 0:
        batch = data.draw(_DRAWN_AT_ONCE, generator)
        contact = (batch.interaction == GRASP) | (batch.interaction == PLACE)
        near = (batch.to_go < _CONTACT_REACH_M) & (batch.correction.abs().sum(1) > 0)
        seen = batch.raw.points_mask[:, 0] > 0
        rows = torch.nonzero(contact & near & seen & (batch.weight > 0), as_tuple=True)[0]
        rows = rows[:missing]
        group = [INTERACTIONS[int(kind)] for kind in batch.interaction[rows]]
        raw = map_tensors(batch.raw, _rows(rows, rows.device))
        parts.append(CorrectionSamples(raw, batch.correction[rows], group))
        missing -= len(rows)
    return join_samples(parts)


def join_samples(parts: Sequence[CorrectionSamples]) -> CorrectionSamples:
    """All samples of all parts."""
    return CorrectionSamples(
        join_tensors([part.raw for part in parts]),
        torch.cat([part.correction for part in parts]),
        [name for part in parts for name in part.group],
    )


def _rows(rows: slice | Tensor, device: torch.device | str) -> Callable[[Tensor], Tensor]:
    """Takes some rows of a tensor to a device."""
    return lambda value: value[rows].to(device)
