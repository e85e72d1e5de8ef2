"""Trajectories that end at a contact or begin at one, in the frame of that contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from bridge_ros.geometry.poses import FloatArray, pose_at, position_of, quaternion_of
from bridge_ros.lab.training.trajectory_bank import TrajectoryBank
from bridge_ros.trajectory import ANY_WORKSPACE, PoseTrajectory, TrajectoryLimits

_IDENTITY = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0])


@dataclass(frozen=True, kw_only=True)
class ContactPaths:
    """Fitted trajectories at the control rate; the contact's pose is the origin of each.

    Attributes:
        bank: all of them, end to end; its widths are 0 until the gripper acts and 1 after.
        starts, acts, ends: `(N,)` indices into the bank: first pose, the gripper acts, last pose.
        leaving: `(N,)` whether it begins at the contact rather than ends there.
    """

    bank: TrajectoryBank
    starts: Tensor
    acts: Tensor
    ends: Tensor
    leaving: Tensor

    def to(self, device: torch.device) -> ContactPaths:
        """The same paths on another device."""
        return ContactPaths(
            bank=self.bank.to(device),
            starts=self.starts.to(device),
            acts=self.acts.to(device),
            ends=self.ends.to(device),
            leaving=self.leaving.to(device),
        )


def fit_contact_paths(
    count: int,
    seed: int,
    *,
    period_s: float,
    track: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> ContactPaths:
    """Fit `count` random trajectories with the deployment's own PoseTrajectory.

    Args:
        period_s: the control period. track: wraps the loop, for a progress bar.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0xC047AC7]))
    columns: list[list[FloatArray]] = [[], [], [], []]
    starts, acts, ends, leaving = [], [], [], []
    total = 0
    for index in track(range(count)):
        leaves = index % 5 == 4
        trajectory = (_leave if leaves else _approach)(rng)
        steps = int(np.ceil(trajectory.duration_s / period_s)) + 1
        poses, widths = trajectory.guidance(0.0, steps, period_s)
        positions, quaternions = position_of(poses), quaternion_of(poses)
        products = (quaternions[1:] * quaternions[:-1]).sum(1, keepdims=True)
        quaternions[1:] *= np.cumprod(np.where(products < 0, -1.0, 1.0), axis=0)
        lengths = np.linalg.norm(np.diff(positions, axis=0), axis=1)
        to_go = np.concatenate([np.cumsum(lengths[::-1])[::-1], [0.0]])
        for column, values in zip(columns, (positions, quaternions, widths, to_go), strict=True):
            column.append(values)
        starts.append(total)
        acts.append(total + int(np.argmax(widths > 0.5)))
        total += steps
        ends.append(total - 1)
        leaving.append(leaves)
    tensors = [torch.from_numpy(np.concatenate(column)).float() for column in columns]
    spans = np.diff([*starts, total])
    bank = TrajectoryBank(
        positions=tensors[0],
        quaternions=tensors[1],
        widths=tensors[2],
        to_go=tensors[3],
        ends=torch.from_numpy(np.repeat(ends, spans)).long(),
    )
    return ContactPaths(
        bank=bank,
        starts=torch.tensor(starts),
        acts=torch.tensor(acts),
        ends=torch.tensor(ends),
        leaving=torch.tensor(leaving),
    )


def _approach(rng: np.random.Generator) -> PoseTrajectory:
    """From anywhere behind the contact, straight in over the last centimetres."""
    inward = Rotation.from_rotvec([*rng.normal(0.0, 0.12, 2), 0.0]).apply([0.0, 0.0, 1.0])
    points = [-inward * rng.uniform(0.04, 0.15), np.zeros(3)]
    away = rng.normal(size=3)
    away[2] = -abs(away[2]) * 0.6
    begin = points[0] + away / np.linalg.norm(away) * rng.uniform(0.03, 0.40)
    if rng.random() < 0.3:
        points.insert(0, begin + 0.5 * (points[0] - begin) + rng.normal(0.0, 0.05, 3))
    turn = rng.normal(size=3) * [0.25, 0.25, 0.6]
    if rng.random() < 0.4:
        turn *= 0.1
    start = pose_at(begin, Rotation.from_rotvec(turn))
    return _fit(rng, start, np.array(points), _IDENTITY)


def _leave(rng: np.random.Generator) -> PoseTrajectory:
    """Back out of the contact, or sideways as one pulls a drawer; perhaps on to elsewhere."""
    outward = Rotation.from_rotvec(rng.normal(0.0, 0.15, 3)).apply([0.0, 0.0, -1.0])
    if rng.random() < 0.25:
        angle = rng.uniform(-np.pi, np.pi)
        outward = np.array([np.cos(angle), np.sin(angle), rng.normal(0.0, 0.1)])
    points = [outward * rng.uniform(0.04, 0.25)]
    turn = np.zeros(3)
    if rng.random() < 0.4:
        points.append(points[0] + rng.normal(0.0, 0.12, 3) + outward * 0.1)
        turn = rng.normal(0.0, 0.3, 3)
    target = pose_at(points[-1], Rotation.from_rotvec(turn))
    return _fit(rng, _IDENTITY, np.array(points), target)


def _fit(
    rng: np.random.Generator, start: FloatArray, points: FloatArray, target: FloatArray
) -> PoseTrajectory:
    limits = TrajectoryLimits(
        max_linear_velocity_m_s=rng.uniform(0.07, 0.30),
        max_linear_acceleration_m_s2=rng.uniform(0.3, 1.0),
        max_angular_velocity_rad_s=rng.uniform(0.5, 1.5),
        max_angular_acceleration_rad_s2=rng.uniform(1.5, 4.0),
        settle_s=rng.uniform(0.0, 0.5),
        dwell_s=rng.uniform(0.5, 1.2),
    )
    return PoseTrajectory.fit(
        start,
        points,
        target,
        start_width=0.0,
        end_width=1.0,
        limits=limits,
        workspace=ANY_WORKSPACE,
    )
