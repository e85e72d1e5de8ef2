"""Fine-tuning batches on disk: resumable generation, and reading them back in epochs.

A folder holds `format.json` and one `shard-NNNNN.npz` a batch. Arrays of a shard, with a
first dimension of B samples (world frame, SI units, float32 unless said otherwise):

    ee_position (3), ee_rotation (3, 3)         the hand
    guidance_position (K + 1, 3), guidance_rotation (K + 1, 3, 3), guidance_width (K + 1)
                                                now and at the K knots of the expert's config
    width (1)                                   measured opening of the gripper
    points (P, 3) uint8: steps of 1/127 crop radius from -1, in the frame of the guidance's end;
        255 where there are fewer; points_mask (1)
    target_position (H, 3), target_rotation (H, 3, 3), target_width (H)
                                                what the demonstrator does next
    correction (6)                              true keypoint in the rough one's frame
    weight, to_go; interaction, family (int64)  see InteractionBatch

Shard n is drawn from its own seed: shards can be made in any order, on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError
from bridge_ros.expert.cloud_crop import ABSENT
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.processor import Poses, RawBatch
from bridge_ros.lab.scenes.random_draws import stream
from bridge_ros.lab.training.finetuning_data import FinetuningData, InteractionBatch

FORMAT = "bridge_ros.interactions.v2"
FORMAT_FILE = "format.json"
_STEPS, _NO_POINT = 127, 255
STEP = 1.0 / _STEPS
"""What the coordinates of points are rounded to, in crop radii."""
_LOOK_AGAIN = 100
_SHAPING = ("control_period_s", "horizon", "guidance_knots", "crop_radius_m", "point_count")

Arrays = dict[str, NDArray[np.generic]]


def write_shards(
    data: FinetuningData,
    folder: Path,
    *,
    count: int,
    size: int,
    seed: int,
    first: int = 0,
    track: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> int:
    """Draw the shards of `folder` that do not exist yet; returns how many were drawn.

    Args:
        count: shards that there are to be, from number `first` on. size: samples of a shard.
        seed: of all of them, whatever their number.
        track: wraps the loop over missing shards, for a progress bar.

    Raises:
        ConfigError: if the folder holds shards of other settings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    header = {"format": FORMAT, "size": size, "seed": seed, **_shaping(data.config)}
    known = folder / FORMAT_FILE
    if known.exists():
        _check(known, header)
    known.write_text(json.dumps(header, indent=2) + "\n", encoding="utf-8")
    wanted = range(first, first + count)
    missing = [number for number in wanted if not _shard(folder, number).exists()]
    generator = torch.Generator(data.device)
    for number in track(missing):
        batch = data.draw(size, generator.manual_seed(stream(seed, number)))
        partial = folder / f".{_shard(folder, number).name}"
        with partial.open("wb") as file:
            np.savez(file, **to_arrays(batch, data.config.crop_radius_m))  # type: ignore[arg-type]
        partial.replace(_shard(folder, number))
    return len(missing)


def read_shards(
    folder: Path, config: ExpertConfig, *, seed: int, first: int = 0, stride: int = 1
) -> Iterator[InteractionBatch]:
    """The batches of a folder for ever, in another order each epoch, from number `first` on.

    Of several processes, each starts at its own number and takes every `stride`-th.

    Shards that are added meanwhile are found after a while, so that drawing them and training can
    go on side by side.

    Raises:
        ConfigError: if there are none, or they were drawn for another expert.
    """
    shards: list[Path] = []
    number = first
    while True:
        if not shards or number // stride % _LOOK_AGAIN == 0:
            shards = sorted(folder.glob("shard-*.npz"))
            if not shards:
                raise ConfigError(f"{folder}: expected shards of interactions, found none")
            _check(folder / FORMAT_FILE, {"format": FORMAT, **_shaping(config)})
        epoch, place = divmod(number, len(shards))
        order = np.random.default_rng([seed, epoch]).permutation(len(shards))
        with np.load(shards[order[place]], allow_pickle=False) as arrays:
            yield from_arrays(dict(arrays), config.crop_radius_m)
        number += stride


def to_arrays(batch: InteractionBatch, radius_m: float) -> Arrays:
    """A batch as the arrays of a shard; `radius_m` is that of the crop."""
    raw = batch.raw
    if raw.points is None:
        raise ConfigError("interactions: expected a batch with clouds, got one without")
    end = raw.guidance.at(-1)
    local = (raw.points - end.positions[:, None]) @ end.rotations / radius_m
    steps = ((local + 1.0) * _STEPS).round().clamp(0, 2 * _STEPS)
    steps[local.abs().amax(-1) > 1.5] = _NO_POINT
    tensors = {
        "ee_position": raw.ee.positions,
        "ee_rotation": raw.ee.rotations,
        "guidance_position": raw.guidance.positions,
        "guidance_rotation": raw.guidance.rotations,
        "guidance_width": raw.guidance_widths,
        "width": raw.width,
        "points": steps.to(torch.uint8),
        "points_mask": raw.points_mask,
        "target_position": batch.targets.positions,
        "target_rotation": batch.targets.rotations,
        "target_width": batch.target_widths,
        "correction": batch.correction,
        "weight": batch.weight,
        "to_go": batch.to_go,
        "interaction": batch.interaction,
        "family": batch.family,
    }
    return {name: value.cpu().numpy() for name, value in tensors.items()}


def from_arrays(arrays: Arrays, radius_m: float) -> InteractionBatch:
    """The inverse of `to_arrays`, as exact as its steps are."""
    t = {name: torch.from_numpy(value) for name, value in arrays.items()}
    zeros = torch.zeros(len(t["width"]), 1)
    guidance = Poses(t["guidance_position"], t["guidance_rotation"])
    end = guidance.at(-1)
    local = (t["points"].float() / _STEPS - 1.0) * radius_m
    points = local @ end.rotations.mT + end.positions[:, None]
    points[(t["points"] == _NO_POINT).all(-1)] = ABSENT
    raw = RawBatch(
        ee=Poses(t["ee_position"], t["ee_rotation"]),
        guidance=guidance,
        guidance_widths=t["guidance_width"],
        width=t["width"],
        joints=zeros.expand(-1, 7),
        joints_mask=zeros,
        points=points,
        points_mask=t["points_mask"],
    )
    return InteractionBatch(
        raw=raw,
        targets=Poses(t["target_position"], t["target_rotation"]),
        target_widths=t["target_width"],
        correction=t["correction"],
        weight=t["weight"],
        interaction=t["interaction"],
        family=t["family"],
        to_go=t["to_go"],
    )


def _shard(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:05d}.npz"


def _shaping(config: ExpertConfig) -> dict[str, object]:
    """What of a config decides the shapes and the content of a shard."""
    values = asdict(config)
    return {
        name: list(value) if isinstance(value := values[name], tuple) else value
        for name in _SHAPING
    }


def _check(path: Path, header: dict[str, object]) -> None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected the format of its shards: {error}") from error
    different = sorted(key for key, value in header.items() if found.get(key) != value)
    if different:
        raise ConfigError(f"{path}: its shards have other {', '.join(different)}")
