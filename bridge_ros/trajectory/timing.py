"""Puts a path on a time line under velocity and acceleration limits, at rest at both ends."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial.transform import Rotation, Slerp

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.trajectory.limits import TrajectoryLimits
from bridge_ros.trajectory.path import Path

_FINE_S = 0.005
_CHANGES_S = (0.025, 0.05, 0.05, 0.05)
"""At first finer than a 20 Hz stream shows, and coarser than the path's grid."""
_CORNER_SHARE = 0.7
"""The part of the acceleration that a bend alone may use; the rest is left for braking in it."""


def progress_over_time(path: Path, limits: TrajectoryLimits) -> tuple[FloatArray, FloatArray]:
    """When the path is where: times `(T,)` [s] and fractional indices into the path `(T,)`.

    The path is measured in seconds at full speed, u, with du^2 = (ds/v_max)^2 + (dθ/ω_max)^2, so
    that turning on the spot and moving straight are the same thing. A forward and a backward pass
    find the fastest du/dt <= 1 that keeps p' ü + p'' u̇² within the acceleration limits; a moving
    average over time bounds the jerk; a last uniform stretch removes what excess is left.
    """
    u, first, second = _derivatives(path, limits)
    if u[-1] < 1e-6:
        return np.array([0.0, _FINE_S]), np.array([0.0, len(u) - 1.0])
    speed_squared = np.minimum(1.0, _CORNER_SHARE / np.maximum(second, 1e-9))
    speed_squared = np.minimum(speed_squared, _approach_speed(path, u, limits) ** 2)
    speed_squared[[0, -1]] = 0.0
    _accelerate(speed_squared, u, first, second)
    backward = speed_squared[::-1]
    _accelerate(backward, u[-1] - u[::-1], first[::-1], second[::-1])

    speed = np.sqrt(speed_squared)
    durations = 2.0 * np.diff(u) / np.maximum(speed[:-1] + speed[1:], 1e-6)
    at_s = np.concatenate([[0.0], np.cumsum(durations)])
    width = 2 * round(limits.smoothing_s / _FINE_S / 2) + 1
    count = int(np.ceil(at_s[-1] / _FINE_S)) + width
    times: FloatArray = np.arange(count, dtype=np.float64) * _FINE_S
    index = np.interp(times - (width // 2) * _FINE_S, at_s, np.arange(len(u)))
    u_of_time = uniform_filter1d(np.interp(index, np.arange(len(u)), u), width, mode="nearest")
    progress = np.interp(u_of_time, u, np.arange(len(u)))
    progress[0], progress[-1] = 0.0, len(u) - 1.0
    return times * _stretch(path, progress, limits), progress


def _derivatives(path: Path, limits: TrajectoryLimits) -> tuple[FloatArray, FloatArray, FloatArray]:
    """u `(M,)` [s], and |p'| and |p''| by u as shares of the acceleration limits."""
    steps = np.linalg.norm(np.diff(path.positions, axis=0), axis=1)
    turns = (path.rotations[:-1].inv() * path.rotations[1:]).as_rotvec()
    world_turns = path.rotations[:-1].apply(turns)
    angles = np.linalg.norm(turns, axis=1)
    du = np.hypot(
        steps / limits.max_linear_velocity_m_s,
        angles / limits.max_angular_velocity_rad_s,
    )
    u = np.concatenate([[0.0], np.cumsum(np.maximum(du, 1e-9))])
    shares = []
    for moves, limit in (
        (np.diff(path.positions, axis=0), limits.max_linear_acceleration_m_s2),
        (world_turns, limits.max_angular_acceleration_rad_s2),
    ):
        middle = (u[:-1] + u[1:]) / 2
        rate = moves / np.diff(u)[:, None]
        bend = np.linalg.norm(np.diff(rate, axis=0) / np.diff(middle)[:, None], axis=1)
        bend = np.concatenate([bend[:1], bend, bend[-1:]])
        pace = np.linalg.norm(rate, axis=1)
        shares.append((np.concatenate([pace, pace[-1:]]) / limit, bend / limit))
    first = np.maximum(shares[0][0], shares[1][0])
    second = np.maximum(shares[0][1], shares[1][1])
    return u, first, second


def _approach_speed(path: Path, u: FloatArray, limits: TrajectoryLimits) -> FloatArray:
    """The greatest du/dt `(M,)` for the speed that is allowed shortly before the end."""
    steps = np.linalg.norm(np.diff(path.positions, axis=0), axis=1)
    to_go = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
    pace = np.append(steps / np.diff(u), 0.0)
    slow = limits.approach_velocity_m_s / np.maximum(pace, limits.approach_velocity_m_s)
    return np.where(to_go < limits.approach_m, slow, 1.0)


def _accelerate(
    speed_squared: FloatArray, u: FloatArray, first: FloatArray, second: FloatArray
) -> None:
    """One pass in place: nowhere faster than the acceleration left beside the bend allows."""
    du = np.diff(u)
    for i in range(len(du)):
        left = max(1.0 - second[i] * speed_squared[i], 0.05) / max(first[i], 1e-9)
        speed_squared[i + 1] = min(speed_squared[i + 1], speed_squared[i] + 2.0 * left * du[i])


def _stretch(path: Path, progress: FloatArray, limits: TrajectoryLimits) -> float:
    """The factor (>= 1) by which time must be stretched for the motion to obey the limits.

    Where the path is smooth, one step finds it; at a corner of its grid, as where it turns back,
    velocity jumps however slow the motion is, and it takes more.
    """
    positions, rotations = evaluate(path, progress)
    moves = np.diff(positions, axis=0)
    turns = rotations[:-1].apply((rotations[:-1].inv() * rotations[1:]).as_rotvec())
    stretch = 1.0
    for change_s in _CHANGES_S:
        stretch *= _excess(moves, turns, stretch * _FINE_S, change_s, limits)
    return stretch


def _excess(
    moves: FloatArray,
    turns: FloatArray,
    period_s: float,
    change_s: float,
    limits: TrajectoryLimits,
) -> float:
    """How many times too fast the motion is, from what it moves and turns in every period.

    Args:
        change_s: over which velocities are compared.
    """
    span = max(1, round(change_s / period_s))
    worst = 1.0
    for rate, top, top_change in (
        (
            moves / period_s,
            limits.max_linear_velocity_m_s,
            limits.max_linear_acceleration_m_s2,
        ),
        (
            turns / period_s,
            limits.max_angular_velocity_rad_s,
            limits.max_angular_acceleration_rad_s2,
        ),
    ):
        worst = max(worst, float(np.linalg.norm(rate, axis=1).max()) / top)
        padded = np.concatenate([np.zeros((span, 3)), rate, np.zeros((span, 3))])
        change = np.linalg.norm(padded[span:] - padded[:-span], axis=1) / (span * period_s)
        worst = max(worst, float(np.sqrt(change.max() / top_change)))
    return worst


def evaluate(path: Path, progress: FloatArray) -> tuple[FloatArray, Rotation]:
    """Positions `(T, 3)` and orientations at fractional indices into the path."""
    grid = np.arange(len(path.positions))
    positions = np.stack([np.interp(progress, grid, axis) for axis in path.positions.T], axis=1)
    return positions, Slerp(grid, path.rotations)(np.clip(progress, 0.0, grid[-1]))
