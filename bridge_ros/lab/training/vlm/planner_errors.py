"""How well a model plans: the running planner on held-out frames, against what was demonstrated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bridge_ros.demonstration import read_depth
from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import (
    IDENTITY_POSE,
    distance_between,
    pose_at,
    position_of,
    quaternion_of,
    rotation_between,
)
from bridge_ros.lab.training.vlm.conversations import Conversation, read_image
from bridge_ros.plan import GripperAction, PlanLimits, StageRecord, WaypointPlan
from bridge_ros.planner.vlm.chat import ChatModel
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner, VlmSettings

NEAR_M = 0.03


@dataclass(frozen=True, kw_only=True)
class PlannerErrors:
    """Errors over held-out conversations; those of plans that are refused are not known.

    Attributes:
        records: so many.
        valid: share of plans that pass all checks.
        named: share of valid plans whose subgoal is the demonstrated one.
        near_if_named: of those, the share whose keypoint is within 3 cm.
        near: share of all, refused ones too, whose keypoint is within 3 cm.
        anchor_px, keypoint_cm, orientation_deg: medians.
            What is about valid plans is NaN without any.
        keypoint_p90_cm: the keypoint error that nine in ten valid plans keep within.
        refusals: why plans were refused, in the checks' words, at most ten.
    """

    records: int
    valid: float
    near: float
    named: float
    near_if_named: float
    anchor_px: float
    keypoint_cm: float
    keypoint_p90_cm: float
    orientation_deg: float
    refusals: tuple[str, ...]

    def figures(self) -> dict[str, float | None]:
        """For logs: the numbers; None for what is not known."""
        numbers = {name: v for name, v in vars(self).items() if isinstance(v, (int, float))}
        return {name: None if np.isnan(v) else v for name, v in numbers.items()}


def measure_planner(
    model: ChatModel,
    conversations: Iterable[Conversation],
    settings: VlmSettings | None = None,
    limits: PlanLimits | None = None,
) -> PlannerErrors:
    """Let the running planner plan what the conversations are about."""
    planner = VlmPlanner(model, settings, limits)
    anchors, keypoints, turns, named = [], [], [], []
    refusals: list[str] = []
    for conversation in conversations:
        watched = _Watched(planner, conversation)
        try:
            plan = watched.plan()
        except PlanError as error:
            refusals.append(str(error))
            continue
        wanted = conversation.target_pose
        keypoints.append(distance_between(plan.target_pose, wanted))
        turns.append(_turn_between(plan, wanted))
        named.append(plan.subgoal == conversation.subgoal)
        anchors.append(watched.anchor_error_px(model))
    records = len(keypoints) + len(refusals)
    count = max(records, 1)
    named_m = [error for error, right in zip(keypoints, named, strict=True) if right]
    return PlannerErrors(
        records=records,
        valid=len(keypoints) / count,
        near=sum(error <= NEAR_M for error in keypoints) / count,
        named=_share(named),
        near_if_named=_share([error <= NEAR_M for error in named_m]),
        anchor_px=_quantile(anchors, 0.5),
        keypoint_cm=100.0 * _quantile(keypoints, 0.5),
        keypoint_p90_cm=100.0 * _quantile(keypoints, 0.9),
        orientation_deg=float(np.degrees(_quantile(turns, 0.5))),
        refusals=tuple(refusals[:10]),
    )


class _Watched:
    """One conversation being planned."""

    def __init__(self, planner: VlmPlanner, conversation: Conversation) -> None:
        self._planner, self._conversation = planner, conversation
        self._rgb = read_image(conversation)

    def plan(self) -> WaypointPlan:
        """Raises PlanError."""
        about = self._conversation
        return self._planner.plan(
            self._rgb,
            read_depth(about.depth_file),
            about.intrinsics,
            about.instruction,
            tuple(StageRecord(plan=_named(goal), outcome=end) for goal, end in about.history),
        )

    def anchor_error_px(self, model: ChatModel) -> float:
        """How far the anchor of the plan that was written last is from the demonstrated one."""
        anchor = self._planner.anchor
        assert anchor is not None
        pixel = model.look(self._rgb).pixel_map.to_pixels(anchor)
        return float(np.linalg.norm(pixel - self._conversation.anchor_px))


def _named(subgoal: str) -> WaypointPlan:
    """A stage of the past, of which a model is told the name alone."""
    return WaypointPlan(
        waypoints=np.zeros((2, 3)),
        target_pose=IDENTITY_POSE,
        gripper_action=GripperAction.KEEP,
        approach_width_m=None,
        subgoal=subgoal,
        final=False,
    )


def _turn_between(plan: WaypointPlan, wanted: np.ndarray) -> float:
    """Angle [rad] between two orientations of a gripper whose fingers are alike."""
    x, y, z, w = quaternion_of(wanted)
    # The wanted pose after half a turn about the gripper's z axis.
    other = pose_at(position_of(wanted), [y, -x, w, -z])
    return min(rotation_between(plan.target_pose, pose) for pose in (wanted, other))


def _share(flags: list[bool]) -> float:
    return sum(flags) / len(flags) if flags else float("nan")


def _quantile(values: list[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")
