"""The target that a person's deflections move, tick by tick."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    pose_at,
    position_of,
    quaternion_of,
    rotation_between,
    rotation_of,
)
from bridge_ros.lab.teleop.device import Deflection
from bridge_ros.lab.teleop.teleop_settings import TeleopSettings


class HandTarget:
    """Pose and gripper width that the arm is sent to while a person moves it.

    Attributes:
        pose: `(7,)` in the base frame. width_m: of the gripper; None until the person has moved
            it, so that what it holds stays held.
    """

    def __init__(self, settings: TeleopSettings, pose: FloatArray) -> None:
        self._settings = settings
        self._turn = Rotation.from_euler("z", settings.operator_yaw_rad)
        self.pose = pose
        self.width_m: float | None = None

    def advance(
        self,
        deflection: Deflection,
        passed_s: float,
        measured: FloatArray,
        width_m: float,
        stroke_m: float,
    ) -> None:
        """Move on by what was asked for.

        Args:
            measured: `(7,)` where the hand is. Targets that would leave it further behind than the
                leash stay where they are.
            width_m: from which the gripper goes on, unless it was moved already.
            stroke_m: the widest opening.
        """
        settings = self._settings
        shift = self._turn.apply(deflection.linear) * settings.linear_m_s * passed_s
        turn = self._turn.apply(deflection.angular) * settings.angular_rad_s * passed_s
        quaternion = (Rotation.from_rotvec(turn) * rotation_of(self.pose)).as_quat()
        moved = pose_at(position_of(self.pose) + shift, quaternion_of(self.pose))
        if not _runs_away(
            distance_between(moved, measured),
            distance_between(self.pose, measured),
            settings.leash_m,
        ):
            self.pose = moved
        turned = pose_at(position_of(self.pose), quaternion)
        if not _runs_away(
            rotation_between(turned, measured),
            rotation_between(self.pose, measured),
            settings.leash_rad,
        ):
            self.pose = turned
        if deflection.gripper:
            before_m = width_m if self.width_m is None else self.width_m
            step_m = deflection.gripper * settings.gripper_m_s * passed_s
            self.width_m = float(np.clip(before_m + step_m, 0.0, stroke_m))


def _runs_away(after: float | np.floating, before: float | np.floating, leash: float) -> bool:
    return bool(after > leash and after > before)
