"""A dataset of fine-tuning records: its two parts, split by episode, and the files of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bridge_ros.demonstration import Demonstration
from bridge_ros.lab.annotation.records import (
    AnnotationSettings,
    LeftOutStage,
    Record,
    annotate_episode,
)
from bridge_ros.planner.vlm.prompts import Prompts
from bridge_ros.settings.resources import resource_path


def annotate(
    demonstrations: Iterable[Demonstration],
    settings: AnnotationSettings,
    *,
    share: float,
    images: Path,
) -> tuple[list[Record], list[Record], list[LeftOutStage]]:
    """Records for training and validation, split by episode, and what was refused.

    Args:
        share: of the episodes that is for validation.
        images: for the images of frames that are no files yet.
    """
    train: list[Record] = []
    validation: list[Record] = []
    refusals: list[LeftOutStage] = []
    for shown in demonstrations:
        records, refused = annotate_episode(shown, settings, images=images)
        (validation if is_validation(shown.name, share) else train).extend(records)
        refusals.extend(refused)
    return train, validation, refusals


def is_validation(episode: str, share: float) -> bool:
    """Whether an episode is for validation: by its name, whatever others there are."""
    digest = hashlib.sha256(episode.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def write_records(
    out: Path,
    settings: AnnotationSettings,
    train: list[Record],
    validation: list[Record],
    refusals: list[LeftOutStage],
) -> None:
    """Write `train.jsonl`, `validation.jsonl`, and `dataset.json` that tells what they are."""
    out.mkdir(parents=True, exist_ok=True)
    version = Prompts.load(resource_path(settings.prompts)).version
    for name, records in (("train", train), ("validation", validation)):
        lines = "".join(record.to_json(out, version) + "\n" for record in records)
        (out / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    summary = {
        "train": len(train),
        "validation": len(validation),
        "episodes": len({record.episode for record in [*train, *validation]}),
        "coordinates": settings.coordinates,
        "prompts": version,
        "refused": len(refusals),
        "refused_because": dict(Counter(_kind(refusal) for refusal in refusals).most_common(8)),
    }
    (out / "dataset.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def _kind(refusal: LeftOutStage) -> str:
    """The reason without its numbers."""
    return "".join("#" if c.isdigit() else c for c in refusal.reason)[:80]
