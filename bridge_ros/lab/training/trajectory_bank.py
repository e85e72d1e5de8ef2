"""Procedurally sampled trajectories for pre-training: free space, approach, carry, retreat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from bridge_ros.expert.processor import Poses
from bridge_ros.expert.rotations import matrix_from_quaternion
from bridge_ros.geometry.poses import FloatArray, pose_at, position_of, quaternion_of
from bridge_ros.trajectory import ANY_WORKSPACE, PoseTrajectory, TrajectoryLimits

_STROKE_M = 0.11


@dataclass(frozen=True, kw_only=True)
class TrajectoryBank:
    """Many trajectories at the control rate, end to end in one set of tensors.

    Attributes:
        positions: `(M, 3)` [m]. quaternions: `(M, 4)` xyzw, neighbours in one hemisphere.
        widths: `(M,)` [m].
        to_go: `(M,)` path length left to the keypoint [m].
        ends: `(M,)` index of the last pose of the trajectory that a pose belongs to.
    """

    positions: Tensor
    quaternions: Tensor
    widths: Tensor
    to_go: Tensor
    ends: Tensor

    def __len__(self) -> int:
        return len(self.positions)

    def to(self, device: torch.device) -> TrajectoryBank:
        """The same bank on another device."""
        return TrajectoryBank(**{name: value.to(device) for name, value in vars(self).items()})

    def at(self, index: Tensor) -> Poses:
        """Poses at fractional indices; between two poses, straight and nlerp."""
        low = index.floor().long()
        high = low + 1
        high = torch.where(high < len(self), high, low)
        share = (index - low)[..., None]
        positions = torch.lerp(self.positions[low], self.positions[high], share)
        turned = torch.lerp(self.quaternions[low], self.quaternions[high], share)
        return Poses(
            positions, matrix_from_quaternion(torch.nn.functional.normalize(turned, dim=-1))
        )


def sample_bank(
    count: int,
    seed: int,
    *,
    period_s: float,
    track: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> TrajectoryBank:
    """Fit `count` random trajectories, the same ones for the same seed.

    Args:
        period_s: spacing of the poses: the control period of the expert.
        track: wraps the loop, for a progress bar.
    """
    rng = np.random.default_rng(seed)
    columns: list[list[FloatArray]] = [[], [], [], []]
    ends: list[FloatArray] = []
    total = 0
    for _ in track(range(count)):
        trajectory = _random_trajectory(rng)
        steps = int(np.ceil(trajectory.duration_s / period_s)) + 1
        poses, widths = trajectory.guidance(0.0, steps, period_s)
        positions, quaternions = position_of(poses), quaternion_of(poses)
        products = (quaternions[1:] * quaternions[:-1]).sum(1, keepdims=True)
        quaternions[1:] *= np.cumprod(np.where(products < 0, -1.0, 1.0), axis=0)
        lengths = np.linalg.norm(np.diff(positions, axis=0), axis=1)
        to_go = np.concatenate([np.cumsum(lengths[::-1])[::-1], [0.0]])
        for column, values in zip(columns, (positions, quaternions, widths, to_go), strict=True):
            column.append(values)
        total += steps
        ends.append(np.full(steps, total - 1))
    tensors = [torch.from_numpy(np.concatenate(column)).float() for column in columns]
    return TrajectoryBank(
        positions=tensors[0],
        quaternions=tensors[1],
        widths=tensors[2],
        to_go=tensors[3],
        ends=torch.from_numpy(np.concatenate(ends)).long(),
    )


def _random_trajectory(rng: np.random.Generator) -> PoseTrajectory:
    limits = TrajectoryLimits(
        max_linear_velocity_m_s=rng.uniform(0.06, 0.35),
        max_linear_acceleration_m_s2=rng.uniform(0.3, 1.0),
        max_angular_velocity_rad_s=rng.uniform(0.5, 1.5),
        max_angular_acceleration_rad_s2=rng.uniform(1.5, 4.0),
        settle_s=rng.uniform(0.0, 0.4),
        dwell_s=rng.uniform(0.5, 1.2),
    )
    points, start, end = _RECIPES[rng.choice(len(_RECIPES), p=_SHARES)](rng)
    widths = rng.uniform(0.0, _STROKE_M, 3)
    widths[rng.random(3) < 0.3] = 0.0
    if rng.random() < 0.3:
        widths[2] = widths[1]
    return PoseTrajectory.fit(
        pose_at(points[0], start),
        points[1:],
        pose_at(points[-1], end),
        start_width=widths[0],
        approach_width=widths[1],
        end_width=widths[2],
        limits=limits,
        workspace=ANY_WORKSPACE,
    )


def _orientation(rng: np.random.Generator) -> Rotation:
    """A gripper that mostly points down, turned about its axis and tilted; sometimes anyhow."""
    if rng.random() < 0.3:
        return Rotation.random(rng=rng)
    down = Rotation.from_euler("x", np.pi) * Rotation.from_rotvec([0, 0, rng.uniform(-3.14, 3.14)])
    return down * Rotation.from_rotvec(rng.normal(0.0, 0.25, 3))


def _turned(rng: np.random.Generator, rotation: Rotation, most_rad: float) -> Rotation:
    axis = rng.normal(size=3)
    return rotation * Rotation.from_rotvec(axis / np.linalg.norm(axis) * rng.uniform(0.0, most_rad))


def _box(rng: np.random.Generator) -> FloatArray:
    return rng.uniform([-0.4, -0.4, 0.0], [0.4, 0.4, 0.6])


_Motion = tuple[FloatArray, Rotation, Rotation]


def _approach(rng: np.random.Generator) -> _Motion:
    """From somewhere to a point before the keypoint, then straight in along the gripper's axis."""
    target, end = _box(rng), _orientation(rng)
    before = target - end.apply([0.0, 0.0, rng.uniform(0.05, 0.18)])
    points = [_box(rng), before, target]
    if rng.random() < 0.4:
        points.insert(1, points[0] + 0.5 * (before - points[0]) + rng.normal(0.0, 0.06, 3))
    return np.array(points), _turned(rng, end, 1.5), end


def _retreat(rng: np.random.Generator) -> _Motion:
    """Back out along the gripper's axis, and perhaps on to elsewhere."""
    start, rotation = _box(rng), _orientation(rng)
    out = start - rotation.apply([0.0, 0.0, rng.uniform(0.03, 0.25)])
    points = [start, out]
    if rng.random() < 0.5:
        points.append(_box(rng))
        return np.array(points), rotation, _turned(rng, rotation, 1.0)
    return np.array(points), rotation, rotation


def _carry(rng: np.random.Generator) -> _Motion:
    """Up, over, and down again, as one carries a thing from place to place."""
    start, target = _box(rng), _box(rng)
    up = rng.uniform(0.08, 0.25) + max(start[2], target[2])
    over = np.array([*target[:2], up])
    points = [start, np.array([*start[:2], up]), over, target]
    rotation = _orientation(rng)
    return np.array(points), rotation, _turned(rng, rotation, 1.0)


def _free(rng: np.random.Generator) -> _Motion:
    """Through random points."""
    points = np.array([_box(rng) for _ in range(rng.integers(2, 5))])
    rotation = _orientation(rng)
    return points, rotation, _turned(rng, rotation, 1.5)


def _short(rng: np.random.Generator) -> _Motion:
    """A few centimetres, or a turn on the spot."""
    start, rotation = _box(rng), _orientation(rng)
    if rng.random() < 0.3:
        return np.array([start, start]), rotation, _turned(rng, rotation, 1.5)
    step = rng.normal(size=3)
    step *= rng.uniform(0.005, 0.12) / np.linalg.norm(step)
    return np.array([start, start + step]), rotation, _turned(rng, rotation, 0.4)


_RECIPES: tuple[Callable[[np.random.Generator], _Motion], ...] = (
    _approach,
    _retreat,
    _carry,
    _free,
    _short,
)
_SHARES = (0.4, 0.15, 0.2, 0.1, 0.15)
