"""Plans written by hand: a file of stages in pixels and millimetres, as a model would reply."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import PlanLimits, StageRecord, WaypointPlan
from bridge_ros.planner.vlm.coordinates import PixelMap
from bridge_ros.planner.vlm.replies import MAX_SUBGOAL_CHARS, lift, waypoints_from
from bridge_ros.planner.vlm.reply_json import sentence
from bridge_ros.settings.resources import resource_path
from bridge_ros.status import StageOutcome

_MAX_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class ManualSettings:
    """Settings of the manual backend.

    Attributes:
        file: YAML or JSON with a list `stages`; each has `subgoal` and the entries that a model
            replies in step two. It is read for every stage anew, and may be edited meanwhile.
    """

    file: str = "config/manual_plan.yaml"


class ManualPlanner:
    """Implements `Planner` by reading; whatever the sentence is, the file decides.

    A stage whose grasp missed is done again; the sentence is only for the record.

    Raises:
        ConfigError: if the file is missing.
    """

    def __init__(self, settings: ManualSettings, limits: PlanLimits | None = None) -> None:
        self._limits = limits or PlanLimits()
        self._path = resource_path(settings.file)
        if not self._path.is_file():
            raise ConfigError(f"manual.file: expected a file, got the folder {self._path}")

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        stages = _stages(self._path)
        number = sum(record.outcome != StageOutcome.MISSED for record in history)
        if number >= len(stages):
            raise PlanError(f"{self._path}: expected a stage {number + 1}, got {len(stages)}")
        entries = stages[number]
        mapping = PixelMap(
            convention="original",
            width=intrinsics.width,
            height=intrinsics.height,
            resized_width=intrinsics.width,
            resized_height=intrinsics.height,
        )
        try:
            if not isinstance(entries, dict):
                raise PlanError("expected subgoal, waypoints, target and so on")
            rest = dict(entries)
            subgoal = sentence(rest.pop("subgoal", None), "subgoal", MAX_SUBGOAL_CHARS)
            reply = waypoints_from(rest, self._limits)
            return lift(reply, subgoal, mapping, intrinsics)
        except PlanError as error:
            raise PlanError(f"{self._path}: stage {number + 1}: {error}") from error


def _stages(path: Path) -> list[Any]:
    """The stages of a file. Raises PlanError."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise PlanError(f"{path}: expected at most {_MAX_BYTES} bytes")
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise PlanError(f"{path}: cannot be read: {error}") from error
    stages = document.get("stages") if isinstance(document, dict) else None
    if not isinstance(stages, list) or not stages:
        raise PlanError(f"{path}: expected a list `stages`")
    return stages
