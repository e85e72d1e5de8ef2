"""Fine-tuning records in chat format: the conversation that would have led to what was shown.

Each stage of an episode is planned by the running system's own `VlmPlanner`, with a model that
replies what the demonstration did. So a record has the very prompts and replies of serving, and has
passed all of its checks.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.demonstration import Demonstration, FrameFiles
from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, invert, position_of, transform_points
from bridge_ros.lab.annotation.anchors import anchor_of
from bridge_ros.lab.annotation.keyframes import KeyframeSettings, Stage, find_stages
from bridge_ros.lab.annotation.path_points import path_points
from bridge_ros.plan import (
    BaseFramePlan,
    GripperAction,
    PlanLimits,
    StageRecord,
    WaypointPlan,
    plan_in_camera,
)
from bridge_ros.planner.vlm.chat import SeenImage, Turn
from bridge_ros.planner.vlm.coordinates import Convention, PixelMap, smart_resize
from bridge_ros.planner.vlm.replies import entries_of, lower
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner, VlmSettings
from bridge_ros.status import StageOutcome, TaskOutcome

_DOWN = np.array([0.0, 0.0, -1.0])
_UNNAMED = {
    GripperAction.CLOSE: "close the gripper",
    GripperAction.OPEN: "open the gripper",
    GripperAction.KEEP: "move",
}


@dataclass(frozen=True, kw_only=True)
class AnnotationSettings:
    """How demonstrations become conversations.

    Attributes:
        coordinates: how the model that is to be fine-tuned tells image coordinates.
        resize_factor, min_pixels, max_pixels: of its image processor, for `resized`.
        waypoint_tolerance_m: how far the waypoints' polyline may be from the motion.
        prompts: the file with the planner's words.
    """

    coordinates: Convention = "thousand"
    resize_factor: int = 28
    min_pixels: int = 3136
    max_pixels: int = 12845056
    waypoint_tolerance_m: float = 0.012
    prompts: str = VlmSettings().prompts

    def __post_init__(self) -> None:
        if not 0.0 < self.waypoint_tolerance_m < 1.0:
            raise ConfigError(
                f"waypoint_tolerance_m: expected 0 to 1, got {self.waypoint_tolerance_m}"
            )


@dataclass(frozen=True, kw_only=True)
class Record:
    """One conversation, and what evaluation compares a model's plan with.

    Attributes:
        name: episode and number of the stage.
        files: the images of the frame. intrinsics: of the camera.
        episode: name of the demonstration that it is from. instruction: its sentence.
        history: subgoal and outcome of the earlier stages.
        messages: the conversation; the image belongs to its first user turn.
        anchor_px: `(2,)` in the camera's image.
        plan: in the camera frame, as the replies mean it: rounded.
        convention: of the coordinates.
    """

    name: str
    files: FrameFiles
    intrinsics: Intrinsics
    episode: str
    instruction: str
    history: tuple[tuple[str, str], ...]
    messages: tuple[Turn, ...]
    anchor_px: FloatArray
    plan: WaypointPlan
    convention: Convention

    def to_json(self, folder: Path, prompts: str) -> str:
        """One line; files are named relative to the folder that the line is written to."""
        image_turn = next(i for i, turn in enumerate(self.messages) if turn.role == "user")
        messages = [
            {
                "role": turn.role,
                "content": [{"type": "image"}] * (i == image_turn)
                + [{"type": "text", "text": turn.text}],
            }
            for i, turn in enumerate(self.messages)
        ]
        entries: dict[str, Any] = {
            "name": self.name,
            "images": [os.path.relpath(self.files.rgb, folder)],
            "messages": messages,
            "depth": os.path.relpath(self.files.depth, folder),
            "intrinsics": asdict(self.intrinsics),
            "instruction": self.instruction,
            "history": [list(stage) for stage in self.history],
            "anchor_px": np.round(self.anchor_px, 2).tolist(),
            "target_pose": np.round(self.plan.target_pose, 5).tolist(),
            "gripper": self.plan.gripper_action.name.lower(),
            "coordinates": self.convention,
            "prompts": prompts,
        }
        return json.dumps(entries)


@dataclass(frozen=True, kw_only=True)
class LeftOutStage:
    """A stage that makes no record, and why."""

    name: str
    reason: str


def annotate_episode(
    shown: Demonstration,
    settings: AnnotationSettings | None = None,
    *,
    images: Path,
    keyframes: KeyframeSettings | None = None,
    limits: PlanLimits | None = None,
) -> tuple[list[Record], list[LeftOutStage]]:
    """The records of a demonstration, and the stages that the running system would refuse.

    A grasp that missed is no example, and makes no record; it is told in the next one's history. A
    task that failed, and a demonstration that has subgoals, but not one for each of its stages, is
    refused as a whole.

    Args:
        images: for the images of frames that are no files yet.
    """
    s, limits = settings or AnnotationSettings(), limits or PlanLimits()
    if shown.outcome not in (None, TaskOutcome.SUCCEEDED):
        return [], [LeftOutStage(name=shown.name, reason=f"the task ended as {shown.outcome}")]
    stages = find_stages(shown.motion, keyframes, plans=shown.plans)
    goals = _goals(shown, stages)
    if len(goals) != len(stages):
        reason = f"expected a subgoal for each of {len(stages)} stages, got {len(goals)}"
        return [], [LeftOutStage(name=shown.name, reason=reason)]
    records: list[Record] = []
    refusals: list[LeftOutStage] = []
    history: tuple[StageRecord, ...] = ()
    for number, (stage, goal) in enumerate(zip(stages, goals, strict=True)):
        name = f"{shown.name}/{number}"
        try:
            plan = _plan_of(shown, stage, goal, s, limits)
        except PlanError as error:
            refusals.append(LeftOutStage(name=name, reason=str(error)))
            break  # What comes after it would be told a history with a gap.
        try:
            if stage.outcome is not StageOutcome.MISSED:
                records.append(_record(name, shown, stage, plan, history, s, limits, images))
        except PlanError as error:
            refusals.append(LeftOutStage(name=name, reason=str(error)))
        history = (*history, StageRecord(plan=plan, outcome=stage.outcome))
    return records, refusals


def _goals(shown: Demonstration, stages: tuple[Stage, ...]) -> tuple[str, ...]:
    """What each stage was for: as written down, else as planned, else as the gripper tells."""
    if shown.subgoals:
        return shown.subgoals
    goals = []
    for stage in stages:
        reached_s = shown.motion.times_s[stage.keyframe]
        planned = [one.plan.subgoal for one in shown.plans if one.time_s < reached_s]
        goals.append((planned[-1] if planned else "") or _UNNAMED[stage.action])
    return tuple(goals)


def _plan_of(
    shown: Demonstration, stage: Stage, goal: str, s: AnnotationSettings, limits: PlanLimits
) -> WaypointPlan:
    """What the demonstration did in a stage. Raises PlanError where that makes no plan."""
    motion = shown.motion
    path = position_of(motion.ee_poses[stage.start : stage.keyframe + 1])
    points = path_points(path, tolerance_m=s.waypoint_tolerance_m, most=limits.max_waypoints)
    closes = stage.action is GripperAction.CLOSE
    plan = BaseFramePlan(
        waypoints=points,
        target_pose=motion.ee_poses[stage.keyframe],
        gripper_action=stage.action,
        approach_width_m=float(motion.widths_m[stage.keyframe]) if closes else None,
        subgoal=goal,
        final=stage.final,
    )
    return plan_in_camera(plan, shown.T_base_camera)


def _record(
    name: str,
    shown: Demonstration,
    stage: Stage,
    plan: WaypointPlan,
    history: tuple[StageRecord, ...],
    s: AnnotationSettings,
    limits: PlanLimits,
    images: Path,
) -> Record:
    """Have the planner plan it. Raises PlanError if it refuses."""
    number = _frame_of(shown, stage)
    frame = shown.frames.read(number)
    model = _Demonstrator(plan, _anchor_px(shown, stage, plan, frame, limits), frame.intrinsics, s)
    planner = VlmPlanner(model, VlmSettings(prompts=s.prompts, corrections=0), limits)
    told = planner.plan(frame.rgb, frame.depth_m, frame.intrinsics, shown.instruction, history)
    return Record(
        name=name,
        files=shown.frames.files(number, images / shown.name),
        intrinsics=frame.intrinsics,
        episode=shown.name,
        instruction=shown.instruction,
        history=tuple((one.plan.subgoal, one.outcome) for one in history),
        messages=planner.transcript,
        anchor_px=model.anchor_px,
        plan=told,
        convention=s.coordinates,
    )


def _frame_of(shown: Demonstration, stage: Stage) -> int:
    """The first frame from the stage's start on. Raises PlanError if it comes after its end."""
    times_s, frames_s = shown.motion.times_s, shown.frames.times_s
    start_s, end_s = times_s[stage.start], times_s[stage.keyframe]
    frame = int(np.searchsorted(frames_s, start_s - 1e-6))
    if frame == len(frames_s) or frames_s[frame] >= end_s:
        raise PlanError(f"no frame between {start_s:.2f} and {end_s:.2f} s")
    return frame


def _anchor_px(
    shown: Demonstration,
    stage: Stage,
    plan: WaypointPlan,
    frame: RGBDFrame,
    limits: PlanLimits,
) -> FloatArray:
    camera_from_base = invert(shown.T_base_camera)
    start = position_of(shown.motion.ee_poses[stage.start])
    here, below = transform_points(camera_from_base, np.stack([start, start + _DOWN]))
    return anchor_of(plan, here, below - here, frame.depth_m, frame.intrinsics, limits)


class _Demonstrator:
    """Implements `ChatModel`: replies what was demonstrated."""

    def __init__(
        self,
        plan: WaypointPlan,
        anchor_px: FloatArray,
        intrinsics: Intrinsics,
        settings: AnnotationSettings,
    ) -> None:
        self._plan, self._intrinsics, self._settings = plan, intrinsics, settings
        self.anchor_px = anchor_px

    def look(self, rgb: NDArray[np.uint8]) -> SeenImage:
        """See `ChatModel.look`."""
        height, width = rgb.shape[:2]
        s = self._settings
        resized = smart_resize(
            width,
            height,
            factor=s.resize_factor,
            min_pixels=s.min_pixels,
            max_pixels=s.max_pixels,
        )
        mapping = PixelMap(
            convention=s.coordinates,
            width=width,
            height=height,
            resized_width=resized[0],
            resized_height=resized[1],
        )
        return SeenImage(rgb=rgb, pixel_map=mapping)

    def reply(self, seen: SeenImage, turns: tuple[Turn, ...], schema: dict[str, Any]) -> str:
        """See `ChatModel.reply`."""
        if "anchor" in schema["properties"]:
            anchor = np.rint(seen.pixel_map.from_pixels(self.anchor_px)).astype(int).tolist()
            return json.dumps({"subgoal": self._plan.subgoal, "anchor": anchor})
        return json.dumps(entries_of(lower(self._plan, seen.pixel_map, self._intrinsics)))
