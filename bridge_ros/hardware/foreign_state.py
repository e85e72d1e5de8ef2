"""The newest word on an arm that another controller drives, handed from thread to thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import ObservationError
from bridge_ros.geometry.poses import FloatArray, as_pose


@dataclass(frozen=True, kw_only=True)
class ForeignJoints:
    """`(7,)` positions [rad], velocities [rad/s] and torques [Nm] of a moment, monotonic clock."""

    positions: FloatArray
    velocities: FloatArray
    torques: FloatArray
    measured_s: float


@dataclass(frozen=True, kw_only=True)
class ForeignPose:
    """`(7,)` pose of the tool centre point, base frame, of a moment on the monotonic clock."""

    pose: FloatArray
    measured_s: float


class ForeignState:
    """A mailbox of one joint measurement and one pose; any thread may put and take."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._joints: ForeignJoints | None = None
        self._pose: ForeignPose | None = None

    @property
    def newest(self) -> tuple[ForeignJoints | None, ForeignPose | None]:
        """What was last put; None for what never was."""
        with self._lock:
            return self._joints, self._pose

    def put_pose(self, pose: FloatArray, measured_s: float) -> None:
        """Put a pose. Raises ObservationError for one that is none; it is then ignored."""
        checked = as_pose(pose, name="foreign pose")
        with self._lock:
            self._pose = ForeignPose(pose=checked, measured_s=measured_s)

    def put_joints(
        self,
        positions: FloatArray,
        velocities: FloatArray | None,
        torques: FloatArray | None,
        measured_s: float,
    ) -> None:
        """Put `(7,)` joints; velocities that are not told come from the last two positions.

        Raises:
            ObservationError: for numbers that are none; they are then ignored.
        """
        with self._lock:
            before = self._joints
        if velocities is None:
            elapsed_s = measured_s - before.measured_s if before is not None else 0.0
            velocities = (
                (positions - before.positions) / elapsed_s
                if before is not None and elapsed_s > 0.0
                else np.zeros(7)
            )
        if torques is None:
            torques = np.zeros(7)
        for name, values in (
            ("positions", positions),
            ("velocities", velocities),
            ("torques", torques),
        ):
            if values.shape != (7,) or not np.isfinite(values).all():
                raise ObservationError(
                    f"foreign joint {name}: expected 7 finite numbers, got {values.tolist()}"
                )
        joints = ForeignJoints(
            positions=positions, velocities=velocities, torques=torques, measured_s=measured_s
        )
        with self._lock:
            self._joints = joints
