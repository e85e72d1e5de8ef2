"""Every plan on disk with all that led to it, in a folder that a person can page through."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import StageRecord, WaypointPlan
from bridge_ros.planner.vlm.chat import Turn
from bridge_ros.planner.vlm.log_page import plan_page, table_page, table_row
from bridge_ros.settings.ranges import Count, check_ranges

_LOGGER = logging.getLogger(__name__)
_RECORD = "record.json"


@dataclass(frozen=True, kw_only=True)
class PlanLogSettings:
    """Settings of the plan log.

    Attributes:
        folder: where it lies, `~` allowed; None keeps no log.
        keep: so many plans; the oldest are removed.
    """

    folder: str | None = "~/.ros/bridge_ros/plans"
    keep: Count = 200

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """What is kept of one plan.

    Attributes:
        rgb, depth_m, intrinsics: what was seen.
        instruction, history: what was asked.
        transcript: what was said, of planners that talk.
        plan: that passed the checks, or None; then `verdict` says why.
        took_s: from image to verdict.
    """

    rgb: NDArray[np.uint8]
    depth_m: NDArray[np.float32]
    intrinsics: Intrinsics
    instruction: str
    history: tuple[StageRecord, ...]
    transcript: tuple[Turn, ...]
    plan: WaypointPlan | None
    verdict: str
    took_s: float


class PlanLog:
    """A folder a plan: image, depth [mm], record and page; and a page that lists them all.

    A full disk costs the log, never a plan.
    """

    def __init__(self, folder: Path, keep: int) -> None:
        self._folder = folder
        self._keep = keep

    def add(self, record: PlanRecord, now_s: float) -> None:
        """Keep one plan, made at `now_s` [s since the epoch]."""
        try:
            self._write(record, now_s)
        except OSError as error:
            _LOGGER.warning("a plan was not logged in %s: %s", self._folder, error)

    def _write(self, record: PlanRecord, now_s: float) -> None:
        when = datetime.fromtimestamp(now_s, timezone.utc)
        folder = self._folder / when.strftime("%Y%m%d-%H%M%S-%f")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(record.rgb).save(folder / "image.png", compress_level=1)
        millimetres = np.nan_to_num(record.depth_m, nan=0.0, posinf=0.0, neginf=0.0) * 1000.0
        depth = np.clip(np.rint(millimetres), 0, 65535).astype(np.uint16)
        Image.fromarray(depth).save(folder / "depth.png", compress_level=1)
        entries = entries_of(record, folder.name)
        page = plan_page(entries)
        (folder / "index.html").write_text(page, encoding="utf-8", errors="replace")
        (folder / _RECORD).write_text(json.dumps(entries, indent=1), encoding="utf-8")
        self._list()

    def _list(self) -> None:
        """Remove what is too old, and write the list of the rest, the newest first."""
        found = sorted(path.parent for path in self._folder.glob(f"*/{_RECORD}"))
        for old in found[: -self._keep]:
            shutil.rmtree(old, ignore_errors=True)
        rows = []
        for folder in reversed(found[-self._keep :]):
            try:
                rows.append(table_row(json.loads((folder / _RECORD).read_text(encoding="utf-8"))))
            except (OSError, ValueError, LookupError, TypeError, AttributeError):
                continue  # Of another version, or somebody's hand: it stays, but is not listed.
        # Other programs may keep their plans here, too.
        partial = self._folder / f"index.html.{os.getpid()}.partial"
        partial.write_text(table_page(rows), encoding="utf-8", errors="replace")
        partial.replace(self._folder / "index.html")


def entries_of(record: PlanRecord, name: str) -> dict[str, Any]:
    """A record as JSON; `pixels` are the waypoints in the image."""
    plan, camera = record.plan, record.intrinsics
    entries: dict[str, Any] = {
        "name": name,
        "instruction": record.instruction,
        "history": [[stage.plan.subgoal, stage.outcome] for stage in record.history],
        "verdict": record.verdict,
        "took_s": round(record.took_s, 3),
        "intrinsics": vars(camera),
        "transcript": [[turn.role, turn.text] for turn in record.transcript],
        "plan": None,
    }
    if plan is not None:
        entries["plan"] = {
            "subgoal": plan.subgoal,
            "waypoints_m": np.round(plan.waypoints, 4).tolist(),
            "pixels": np.round(camera.project(plan.waypoints), 1).tolist(),
            "target_pose": np.round(plan.target_pose, 5).tolist(),
            "gripper_action": plan.gripper_action.name.lower(),
            "approach_width_m": plan.approach_width_m,
            "final": plan.final,
        }
    return entries
