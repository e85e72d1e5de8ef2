"""Decides, from measurements alone, when a stage is over and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    position_of,
    quaternion_of,
    rotation_between,
)
from bridge_ros.plan import GripperAction
from bridge_ros.settings.ranges import Positive, check_ranges
from bridge_ros.status import Cause, ExpertReason, StageOutcome


@dataclass(frozen=True, kw_only=True)
class StageMonitorSettings:
    """When a stage counts as over.

    Attributes:
        position_tolerance_m, rotation_tolerance_rad: how near the last target the arm must come.
        contact_m: a hand that opens or closes may stop this far before it, along its approach: what
            it came down on was nearer than planned.
        contact_still_m: motion within `settle_s` that counts as stopped there.
        settle_s: for how long pose and gripper must have been still.
        width_tolerance_m: gripper movement that counts as still.
        grasp_width_m: closed fingers wider apart than this hold something.
        timeout_s: patience after the end of the trajectory before the stage has failed.
    """

    position_tolerance_m: Positive = 0.015
    rotation_tolerance_rad: Positive = 0.10
    contact_m: Positive = 0.04
    contact_still_m: Positive = 0.002
    settle_s: Positive = 0.30
    width_tolerance_m: Positive = 0.001
    grasp_width_m: Positive = 0.004
    timeout_s: Positive = 4.0

    def __post_init__(self) -> None:
        check_ranges(self)


class StageMonitor:
    """Watches one stage from its start to its outcome; the outcome, once reached, stays."""

    def __init__(
        self,
        gripper_action: GripperAction,
        settings: StageMonitorSettings | None = None,
    ) -> None:
        self._action = gripper_action
        self._settings = settings or StageMonitorSettings()
        self._outcome = StageOutcome.RUNNING
        self._cause: Cause[ExpertReason] | None = None
        self._ended_s: float | None = None
        self._still_since_s: float | None = None
        self._still_width_m = 0.0
        self._still_pose: FloatArray | None = None

    @property
    def outcome(self) -> StageOutcome:
        """RUNNING until decided."""
        return self._outcome

    @property
    def cause(self) -> Cause[ExpertReason] | None:
        """Why the stage ended as it did; None until then."""
        return self._cause

    def update(
        self,
        now_s: float,
        *,
        trajectory_ended: bool,
        ee_pose: FloatArray,
        target_pose: FloatArray,
        gripper_width_m: float,
    ) -> StageOutcome:
        """Take in one measurement; poses `(7,)` in the base frame."""
        if self._outcome is not StageOutcome.RUNNING or not trajectory_ended:
            return self._outcome
        s = self._settings
        if self._ended_s is None:
            self._ended_s = now_s
        off_m = distance_between(ee_pose, target_pose)
        off_rad = rotation_between(ee_pose, target_pose)
        turned = off_rad <= s.rotation_tolerance_rad
        arrived = turned and off_m <= s.position_tolerance_m
        stopped = turned and not arrived and self._stopped_short(ee_pose, target_pose)
        moved = abs(gripper_width_m - self._still_width_m) > s.width_tolerance_m or (
            stopped
            and self._still_pose is not None
            and distance_between(ee_pose, self._still_pose) > s.contact_still_m
        )
        if not (arrived or stopped) or moved or self._still_since_s is None:
            self._still_width_m, self._still_pose = gripper_width_m, ee_pose
            self._still_since_s = now_s if arrived or stopped else None
        elif now_s - self._still_since_s >= s.settle_s:
            self._decide(gripper_width_m)
            return self._outcome
        if now_s - self._ended_s > s.timeout_s:
            self._outcome = StageOutcome.FAILED
            self._cause = ExpertReason.NOT_SETTLED.because(
                limit_s=s.timeout_s,
                off_mm=1000 * off_m,
                off_rad=off_rad,
                width_mm=1000 * gripper_width_m,
            )
        return self._outcome

    def _stopped_short(self, ee_pose: FloatArray, target_pose: FloatArray) -> bool:
        """Whether only a little way along the approach, the target's z, is missing."""
        s = self._settings
        if self._action is GripperAction.KEEP:
            return False
        x, y, z, w = quaternion_of(target_pose)
        approach = np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)])
        missing = position_of(target_pose) - position_of(ee_pose)
        along = float(missing @ approach)
        aside = float(np.linalg.norm(missing - along * approach))
        return 0.0 < along <= s.contact_m and aside <= s.position_tolerance_m

    def _decide(self, width_m: float) -> None:
        if self._action is not GripperAction.CLOSE:
            self._outcome = StageOutcome.REACHED
            self._cause = ExpertReason.KEYPOINT_REACHED.because()
        elif width_m > self._settings.grasp_width_m:
            self._outcome = StageOutcome.GRASPED
            self._cause = ExpertReason.FINGERS_HOLD.because(width_mm=1000 * width_m)
        else:
            self._outcome = StageOutcome.MISSED
            self._cause = ExpertReason.FINGERS_EMPTY.because()
