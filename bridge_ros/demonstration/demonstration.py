"""Demonstration: a sentence, how it was carried out, and what the camera saw of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bridge_ros.demonstration.frames import Frames
from bridge_ros.demonstration.hand_motion import HandMotion
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import WaypointPlan
from bridge_ros.status import TaskOutcome
from bridge_ros.status.word import Word


class OperatorKind(Word):
    """Who moved the arm."""

    EXPERT = "expert"
    """The action expert, after a planner's plans."""
    PERSON = "person"
    SCRIPT = "script"
    """A program that knew the scene."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class RecordedPlan:
    """A plan, and the time of the frame that it was made from."""

    time_s: float
    plan: WaypointPlan


@dataclass(frozen=True, kw_only=True)
class Demonstration:
    """One recorded episode; its images stay on disk until they are asked for.

    Attributes:
        source: the folder or file that it lies in.
        name: unique among demonstrations that are used together.
        instruction: the sentence that was carried out.
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
        motion: of hand and gripper.
        frames: what the camera saw, on the clock of the motion.
        subgoals: what each stage was for, in words; empty if nobody wrote it down.
        plans: what it was planned as, in order; empty if nobody planned it.
        outcome: how the task ended; None if nobody said so.
        operator: who moved the arm.
    """

    source: Path
    name: str
    instruction: str
    T_base_camera: FloatArray
    motion: HandMotion
    frames: Frames
    subgoals: tuple[str, ...] = ()
    plans: tuple[RecordedPlan, ...] = ()
    outcome: TaskOutcome | None = None
    operator: OperatorKind = OperatorKind.UNKNOWN

    def __post_init__(self) -> None:
        times_s = self.frames.times_s
        if not self.instruction.strip() or not len(times_s):
            raise ConfigError(f"{self.source}: expected an instruction and at least one frame")
        if not np.isfinite(times_s).all() or (np.diff(times_s) <= 0).any():
            raise ConfigError(f"{self.source}: frames: expected finite times that ascend")
