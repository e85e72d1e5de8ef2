"""Which pose targets may be followed: the rules of the safety contract."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from bridge_ros.geometry.box import Box, Corner
from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    pose_at,
    position_of,
    quaternion_of,
    rotation_between,
)
from bridge_ros.hardware.protocols import ArmState
from bridge_ros.settings.ranges import NotNegative, Positive, check_ranges
from bridge_ros.status import Refusal, RefusedTarget


@dataclass(frozen=True, kw_only=True)
class PoseTarget:
    """One pose target as received.

    Attributes:
        pose: `(7,)` xyz [m], quaternion xyzw; unchecked.
        frame_id: the frame it is given in.
        stamp_s: when its sender made it, on the clock that `age_s` was measured by.
        age_s: how old it was when it arrived; negative when stamped in the future.
        arrived_s: when it arrived, on the controller's own (monotonic) clock.
    """

    pose: FloatArray
    frame_id: str
    stamp_s: float
    age_s: float
    arrived_s: float

    @property
    def fresh_s(self) -> float:
        """The moment that its information is from, on the controller's clock."""
        return self.arrived_s - max(self.age_s, 0.0)

    def taken_up_at(self, now_s: float) -> PoseTarget:
        """The same, older by what it has waited since it arrived."""
        waited_s = max(now_s - self.arrived_s, 0.0)
        return replace(self, age_s=self.age_s + waited_s, arrived_s=self.arrived_s + waited_s)


@dataclass(frozen=True, kw_only=True)
class TargetLimits:
    """Settings of the checks.

    Attributes:
        frame_id: the only frame that targets may be given in.
        max_age_s: older targets are refused; also the silence after which the arm holds.
        max_future_s: how far ahead a stamp may be, for clocks that differ.
        workspace_min_m, workspace_max_m: `(3,)` corners of the box that the tool centre point may
            be sent to, base frame.
        max_step_m, max_step_rad: from the last accepted target, or, after a hold, from the present
            pose.
        max_lead_m: how far a target may be from where the arm really is.
        least_joint_room_rad: that the joints must keep to their limits at a target.
        least_dexterity: smallest singular value of the tool's Jacobian (m and rad) at a target; 0
            is singular.
    """

    frame_id: str = "base"
    max_age_s: Positive = 0.15
    max_future_s: NotNegative = 0.05
    workspace_min_m: Corner = (0.25, -0.40, 0.0)
    workspace_max_m: Corner = (0.75, 0.40, 0.75)
    max_step_m: Positive = 0.05
    max_step_rad: Positive = 0.35
    max_lead_m: Positive = 0.12
    least_joint_room_rad: NotNegative = 0.10
    least_dexterity: NotNegative = 0.04

    def __post_init__(self) -> None:
        check_ranges(self)
        Box(min_m=self.workspace_min_m, max_m=self.workspace_max_m)

    @property
    def workspace(self) -> Box:
        """Where the tool centre point may be sent."""
        return Box(min_m=self.workspace_min_m, max_m=self.workspace_max_m)


class Reach(Protocol):
    """Knows where the arm can bring its tool centre point."""

    def allows(self, pose: FloatArray, joints: FloatArray) -> bool:
        """Whether it may go to a pose `(7,)` in base from joints `(7,)` [rad] nearby."""


class TargetChecks:
    """Applies the limits to one target after another."""

    def __init__(self, limits: TargetLimits, reach: Reach) -> None:
        self._limits = limits
        self._reach = reach
        self._workspace = limits.workspace
        self._last: PoseTarget | None = None
        self._stamp_s = -math.inf

    @property
    def last(self) -> PoseTarget | None:
        """The last accepted target since `restart`, with its quaternion normalised."""
        return self._last

    def restart(self) -> None:
        """Measure the next step from the arm's present pose."""
        self._last = None

    def accept(self, target: PoseTarget, arm: ArmState) -> PoseTarget:
        """The target, fit to be followed.

        Args:
            arm: as measured.

        Raises:
            RefusedTarget: for the first rule that it breaks.
        """
        limits = self._limits
        if target.frame_id != limits.frame_id:
            raise RefusedTarget(Refusal.FRAME, expected=limits.frame_id, got=target.frame_id)
        pose = np.asarray(target.pose, dtype=np.float64)
        if pose.shape != (7,) or not np.isfinite(pose).all() or not math.isfinite(target.age_s):
            raise RefusedTarget(Refusal.NOT_FINITE, got=pose.tolist())
        norm = float(np.linalg.norm(quaternion_of(pose)))
        if abs(norm - 1.0) > 0.01:
            raise RefusedTarget(Refusal.QUATERNION, norm=norm)
        self._check_time(target)
        pose = pose_at(position_of(pose), quaternion_of(pose) / norm)
        self._check_place(pose, arm)
        self._stamp_s = target.stamp_s
        self._last = PoseTarget(
            pose=pose,
            frame_id=target.frame_id,
            stamp_s=target.stamp_s,
            age_s=target.age_s,
            arrived_s=target.arrived_s,
        )
        return self._last

    def _check_time(self, target: PoseTarget) -> None:
        limits = self._limits
        if target.age_s > limits.max_age_s:
            raise RefusedTarget(
                Refusal.STALE, limit_ms=limits.max_age_s * 1e3, age_ms=target.age_s * 1e3
            )
        if target.age_s < -limits.max_future_s:
            raise RefusedTarget(
                Refusal.FUTURE, ahead_ms=-target.age_s * 1e3, limit_ms=limits.max_future_s * 1e3
            )
        # After a clock was set back, stamps lie before the last one; only recent ones count.
        behind_s = self._stamp_s - target.stamp_s
        if 0.0 <= behind_s <= limits.max_age_s + limits.max_future_s:
            raise RefusedTarget(Refusal.ORDER, behind_ms=behind_s * 1e3)

    def _check_place(self, pose: FloatArray, arm: ArmState) -> None:
        limits, ee_pose = self._limits, arm.ee_pose
        position = position_of(pose)
        if not self._workspace.contains(position):
            raise RefusedTarget(
                Refusal.WORKSPACE,
                low=list(self._workspace.min_m),
                high=list(self._workspace.max_m),
                got=position.round(3).tolist(),
            )
        anchor = ee_pose if self._last is None else self._last.pose
        what = "the present pose" if self._last is None else "the last target"
        step_m = distance_between(position, anchor)
        # Written so that a measurement that is not a number refuses the target, too.
        if not step_m <= limits.max_step_m:
            raise RefusedTarget(
                Refusal.STEP,
                step=f"{step_m:.3f} m",
                anchor=what,
                limit=f"{limits.max_step_m} m",
            )
        step_rad = rotation_between(anchor, pose)
        if not step_rad <= limits.max_step_rad:
            raise RefusedTarget(
                Refusal.STEP,
                step=f"{step_rad:.2f} rad",
                anchor=what,
                limit=f"{limits.max_step_rad} rad",
            )
        lead_m = distance_between(position, ee_pose)
        if not lead_m <= limits.max_lead_m:
            raise RefusedTarget(Refusal.LEAD, lead_m=lead_m, limit_m=limits.max_lead_m)
        if not self._reach.allows(pose, arm.joint_positions):
            raise RefusedTarget(
                Refusal.REACH,
                room_rad=limits.least_joint_room_rad,
                got=position.round(3).tolist(),
            )
