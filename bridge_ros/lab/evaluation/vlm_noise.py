"""Errs like a vision-language model: perturbs the plans of any other planner."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import (
    FloatArray,
    invert,
    pose_at,
    position_of,
    rotation_of,
    transform_points,
)
from bridge_ros.plan import GripperAction, StageRecord, WaypointPlan
from bridge_ros.planner import Planner
from bridge_ros.settings.config_file import settings_file
from bridge_ros.trajectory import Workspace

NOISE_FILE = "config/evaluation/vlm_noise.yaml"
_ASKED_AGAIN = 10


@dataclass(frozen=True, kw_only=True)
class VlmNoise:
    """Magnitudes; `config/evaluation/vlm_noise.yaml` gives the reason for each.

    Attributes:
        target_px, via_px: standard deviations of the keypoint's and of other waypoints' pixels, at
            640x480.
        depth_m: standard deviation of the depth that is lifted with them.
        yaw_rad, tilt_rad: standard deviations about the gripper's z axis, and about x and y.
        wrong_spot_share: how often another spot of the object is grasped.
        wrong_spot_m: farthest distance of that spot, along the gripper's x axis.
        moving_share: of all errors, where what is held is only moved: a lift, a pull, a retreat.
        shared_within_m: waypoints this near to the keypoint share its error.
        lowest_m: a keypoint is not put lower than this above the table's plane (base z = 0).
    """

    target_px: float
    via_px: float
    depth_m: float
    yaw_rad: float
    tilt_rad: float
    wrong_spot_share: float
    wrong_spot_m: float
    moving_share: float
    shared_within_m: float
    lowest_m: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value < 100.0:
                raise ConfigError(f"vlm noise: {field.name}: expected 0 to 100, got {value}")
        for name in ("wrong_spot_share", "moving_share"):
            if getattr(self, name) > 1.0:
                raise ConfigError(f"{name}: expected 0 to 1, got {getattr(self, name)}")

    def scaled(self, factor: float) -> VlmNoise:
        """The same kind of noise, `factor` times as strong: magnitudes and share of wrong spots.

        Raises:
            ConfigError: for a factor outside 0 to 3.
        """
        if not 0.0 <= factor <= 3.0:
            raise ConfigError(f"noise scale: expected 0 to 3, got {factor}")
        return replace(
            self,
            target_px=factor * self.target_px,
            via_px=factor * self.via_px,
            depth_m=factor * self.depth_m,
            yaw_rad=factor * self.yaw_rad,
            tilt_rad=factor * self.tilt_rad,
            wrong_spot_share=min(1.0, factor * self.wrong_spot_share),
        )


def load_noise(path: str | Path = NOISE_FILE) -> VlmNoise:
    """The magnitudes of noise `vlm`.

    Raises:
        ConfigError: if the file is missing or does not hold them.
    """
    return settings_file(VlmNoise, path)


class NoisyPlanner:
    """Implements `Planner`: another planner's plans, perturbed anew each time it looks.

    Args:
        planner: whose plans are perturbed.
        noise: how much.
        rng: of all perturbations.
        T_base_camera: `(7,)` pose of the camera's optical frame in base.
        workspace: of the trajectory service; what leaves it is drawn again.
    """

    def __init__(
        self,
        planner: Planner,
        noise: VlmNoise,
        rng: np.random.Generator,
        T_base_camera: FloatArray,
        workspace: Workspace,
    ) -> None:
        self._planner = planner
        self._workspace = workspace
        self._noise = noise
        self._rng = rng
        self._T_base_camera = T_base_camera

    def plan(
        self,
        rgb: NDArray[np.uint8],
        depth_m: NDArray[np.float32],
        intrinsics: Intrinsics,
        instruction: str,
        history: tuple[StageRecord, ...],
    ) -> WaypointPlan:
        """See `Planner.plan`."""
        plan = self._planner.plan(rgb, depth_m, intrinsics, instruction, history)
        for _ in range(_ASKED_AGAIN):
            noisy = self._perturbed(plan, intrinsics)
            if self._is_within_reach(noisy):
                break
        return noisy

    def _perturbed(self, plan: WaypointPlan, intrinsics: Intrinsics) -> WaypointPlan:
        noise, rng = self._noise, self._rng
        share = noise.moving_share if plan.gripper_action is GripperAction.KEEP else 1.0
        target = plan.target_pose
        aimed = np.array(position_of(target))
        if plan.gripper_action is GripperAction.CLOSE and rng.random() < noise.wrong_spot_share:
            along = rotation_of(target).apply([1.0, 0.0, 0.0])
            aimed += along * rng.uniform(-1.0, 1.0) * noise.wrong_spot_m
        off = share * rng.normal(0.0, 1.0, 3) * [noise.target_px, noise.target_px, noise.depth_m]
        aimed = self._above_table(_misread(aimed, intrinsics, off[:2], float(off[2])))
        shared = aimed - position_of(target)
        waypoints = []
        for point in plan.waypoints[:-1]:
            off = share * rng.normal(0.0, 1.0, 3) * [noise.via_px, noise.via_px, noise.depth_m]
            moved = _misread(point, intrinsics, off[:2], float(off[2]))
            near = np.linalg.norm(point - position_of(target)) < noise.shared_within_m
            waypoints.append(self._above_table(moved + shared if near else moved))
        turn = share * rng.normal(0.0, 1.0, 3) * [noise.tilt_rad, noise.tilt_rad, noise.yaw_rad]
        turned = rotation_of(target) * Rotation.from_rotvec(turn)
        return replace(
            plan,
            waypoints=np.array([*waypoints, aimed]),
            target_pose=pose_at(aimed, turned),
        )

    def _is_within_reach(self, plan: WaypointPlan) -> bool:
        """Whether the trajectory service takes it; it says why not, and a model tries again."""
        try:
            for point in transform_points(self._T_base_camera, plan.waypoints):
                self._workspace.check(point, name="waypoint")
        except PlanError:
            return False
        return True

    def _above_table(self, point: FloatArray) -> FloatArray:
        in_base = transform_points(self._T_base_camera, point[None])[0]
        if in_base[2] >= self._noise.lowest_m:
            return point
        in_base[2] = self._noise.lowest_m
        back: FloatArray = transform_points(invert(self._T_base_camera), in_base[None])[0]
        return back


def _misread(
    point: FloatArray, intrinsics: Intrinsics, pixels: FloatArray, depth_m: float
) -> FloatArray:
    """A point `(3,)` of the camera frame, seen some pixels off and lifted with a wrong depth."""
    uv = intrinsics.project(point) + pixels
    return intrinsics.deproject(uv, np.asarray(point[2] + depth_m))
