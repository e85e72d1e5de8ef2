"""Checks an observation at the door of the expert, before anything is computed from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import ObservationError
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.observation import Observation
from bridge_ros.geometry.poses import (
    FloatArray,
    as_pose,
    distance_between,
    pose_at,
    position_of,
    quaternion_of,
    rotation_between,
    rotation_of,
)

_MAX_STEP_M = 0.10
_MAX_STEP_RAD = 0.8
_WIDEST_M = 0.5


@dataclass(frozen=True, kw_only=True)
class CheckedObservation:
    """An observation that can be used: finite, normalised, guidance filled up to its full length.

    Attributes:
        ee_pose: `(7,)`. joint_positions: `(7,)` or None. gripper_width: [m].
        guidance_poses: `(G, 7)`, G = `config.guidance_steps`; the last one given is repeated.
        guidance_widths: `(G,)` [m].
        offset_m, offset_rad: of the end effector from the guidance pose of now.
    """

    ee_pose: FloatArray
    joint_positions: FloatArray | None
    gripper_width: float
    guidance_poses: FloatArray
    guidance_widths: FloatArray
    offset_m: float
    offset_rad: float


def check_observation(observation: Observation, config: ExpertConfig) -> CheckedObservation:
    """Everything of an observation but its points.

    Raises:
        ObservationError: naming the field, what was expected and what was got.
    """
    ee_pose = as_pose(observation.ee_pose, name="ee_pose")
    joints = observation.joint_positions
    if joints is not None:
        joints = _numbers(joints, "joint_positions", (7,))
    width = float(observation.gripper_width)
    if not -0.01 <= width <= _WIDEST_M:
        raise ObservationError(
            f"gripper_width: expected metres between 0 and {_WIDEST_M}, got {width}"
        )
    poses = np.asarray(observation.guidance_poses, dtype=np.float64)
    if poses.ndim != 2 or poses.shape[1:] != (7,) or len(poses) == 0:
        raise ObservationError(f"guidance_poses: expected (G, 7), G >= 1, got {poses.shape}")
    poses = poses[: config.guidance_steps]
    widths = np.asarray(observation.guidance_widths, dtype=np.float64)[: config.guidance_steps]
    poses = _numbers(poses, "guidance_poses", poses.shape)
    widths = _numbers(widths, "guidance_widths", (len(poses),))
    if (widths < -0.01).any() or (widths > _WIDEST_M).any():
        raise ObservationError(
            f"guidance_widths: expected metres between 0 and {_WIDEST_M}, "
            f"got {widths.min()} to {widths.max()}"
        )
    poses = _normalised_guidance(poses)
    offset_m = distance_between(ee_pose, poses[0])
    offset_rad = rotation_between(ee_pose, poses[0])
    if offset_m > config.max_offset_m or offset_rad > config.max_offset_rad:
        raise ObservationError(
            f"the end effector is {offset_m:.2f} m and {offset_rad:.2f} rad from its guidance: "
            f"expected at most {config.max_offset_m} m and {config.max_offset_rad} rad; "
            "the trajectory does not start where the arm is"
        )
    missing = config.guidance_steps - len(poses)
    return CheckedObservation(
        ee_pose=ee_pose,
        joint_positions=joints,
        gripper_width=max(width, 0.0),
        guidance_poses=np.concatenate([poses, np.repeat(poses[-1:], missing, axis=0)]),
        guidance_widths=np.maximum(np.pad(widths, (0, missing), mode="edge"), 0.0),
        offset_m=offset_m,
        offset_rad=offset_rad,
    )


def _numbers(values: object, name: str, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise ObservationError(f"{name}: expected shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ObservationError(f"{name}: expected finite numbers, got NaN or infinity")
    return array


def _normalised_guidance(poses: FloatArray) -> FloatArray:
    norms = np.linalg.norm(quaternion_of(poses), axis=1, keepdims=True)
    if (np.abs(norms - 1.0) > 0.01).any():
        raise ObservationError("guidance_poses: expected unit quaternions (xyz, xyzw)")
    poses = pose_at(position_of(poses), quaternion_of(poses) / norms)
    if len(poses) > 1:
        step_m = float(np.linalg.norm(np.diff(position_of(poses), axis=0), axis=1).max())
        rotations = rotation_of(poses)
        step_rad = float((rotations[:-1].inv() * rotations[1:]).magnitude().max())
        if step_m > _MAX_STEP_M or step_rad > _MAX_STEP_RAD:
            raise ObservationError(
                f"guidance_poses: expected a trajectory sampled at the control rate, with steps of "
                f"at most {_MAX_STEP_M} m and {_MAX_STEP_RAD} rad, got {step_m:.3f} m and "
                f"{step_rad:.2f} rad"
            )
    return poses
