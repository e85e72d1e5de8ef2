"""Where a motion begins: at the last target, if the arm follows it, or at the measured arm."""

from __future__ import annotations

from typing import Protocol

from bridge_ros.errors import StaleObservationError
from bridge_ros.geometry.poses import FloatArray, distance_between, rotation_between
from bridge_ros.status import TrajectoryReason

MAX_LEAD_M, MAX_LEAD_RAD = 0.045, 0.3
"""An arm farther from what was commanded does not follow it: the controller refused that, or held.
Just within the step that the controller allows after a hold."""


class MeasuredArm(Protocol):
    """What must be known of a measurement of arm and gripper."""

    @property
    def stamp_s(self) -> float:
        """When it was measured."""

    @property
    def ee_pose(self) -> FloatArray:
        """`(7,)` base frame."""

    @property
    def gripper_width(self) -> float:
        """[m]."""


class StartOfMotion:
    """Keeps the newest measurement and the newest targets. All times are of one clock.

    Args:
        max_target_age_s: an older target says nothing of where the arm is sent now.
        max_state_age_s: an older measurement says nothing of where it is.
    """

    def __init__(self, *, max_target_age_s: float, max_state_age_s: float) -> None:
        self._max_target_age_s = max_target_age_s
        self._max_state_age_s = max_state_age_s
        self._arm: MeasuredArm | None = None
        self._pose: tuple[float, FloatArray] | None = None
        self._width: tuple[float, float] | None = None

    def observe_arm(self, arm: MeasuredArm) -> None:
        """Take in a measurement of the arm and the gripper."""
        self._arm = arm

    def observe_target_pose(self, pose: FloatArray, now_s: float) -> None:
        """Take in what the arm was told: `(7,)` base frame."""
        self._pose = (now_s, pose)

    def observe_target_width(self, width_m: float, now_s: float) -> None:
        """Take in what the gripper was told."""
        self._width = (now_s, width_m)

    def at(self, now_s: float) -> tuple[FloatArray, float]:
        """Pose `(7,)` in base and gripper width [m] from which a motion begins now.

        They are those last commanded, where that is recent and the arm is near it, so that neither
        the arm nor the force of the grip jumps; otherwise the measured ones.

        Raises:
            StaleObservationError: if nothing recent enough is known.
        """
        arm = self._arm
        if arm is not None and now_s - arm.stamp_s > self._max_state_age_s:
            arm = None
        pose = arm.ee_pose if arm else None
        width = arm.gripper_width if arm else None
        since_s = now_s - self._max_target_age_s
        if self._pose is not None and self._pose[0] >= since_s:
            commanded = self._pose[1]
            if pose is None or not _is_far(commanded, pose):
                pose = commanded
        if self._width is not None and self._width[0] >= since_s:
            width = self._width[1]
        if pose is None or width is None:
            raise StaleObservationError(
                TrajectoryReason.START_UNKNOWN.because(limit_s=self._max_state_age_s)
            )
        return pose, width


def _is_far(commanded: FloatArray, measured: FloatArray) -> bool:
    lead_m = distance_between(commanded, measured)
    return lead_m > MAX_LEAD_M or rotation_between(commanded, measured) > MAX_LEAD_RAD
