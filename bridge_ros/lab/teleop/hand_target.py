"""The target that a person's deflections move, tick by tick."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray, rotation_between
from bridge_ros.lab.teleop.device import Deflection
from bridge_ros.lab.teleop.settings import TeleopSettings


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
        quaternion = (Rotation.from_rotvec(turn) * Rotation.from_quat(self.pose[3:])).as_quat()
        moved = np.concatenate([self.pose[:3] + shift, self.pose[3:]])
        if not _runs_away(
            np.linalg.norm(moved[:3] - measured[:3]),
            np.linalg.norm(self.pose[:3] - measured[:3]),
            settings.leash_m,
        ):
            self.pose = moved
        turned = np.concatenate([self.pose[:3], quaternion])
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
