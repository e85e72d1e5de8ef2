"""PoseTrajectory: from sparse waypoints to a dense, time-parameterised end-effector motion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.transform import Slerp

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import (
    FloatArray,
    as_pose,
    distance_between,
    interpolate,
    pose_at,
    position_of,
    quaternion_of,
    rotation_of,
)
from bridge_ros.plan import END_TOLERANCE_M, as_waypoints, check_end
from bridge_ros.status import TrajectoryReason
from bridge_ros.trajectory.limits import TrajectoryLimits, Workspace
from bridge_ros.trajectory.path import Path, spline_path, turn_in_place
from bridge_ros.trajectory.timing import evaluate, progress_over_time

MAX_WAYPOINTS = 64
_DUPLICATE_M = 0.001


@dataclass(frozen=True, kw_only=True)
class PoseTrajectory:
    """A pose and a gripper width at every time, at rest at both ends.

    Attributes:
        times_s: `(T,)` from 0, increasing [s].
        poses: `(T, 7)` base frame, xyz [m] and quaternion xyzw.
        gripper_widths: `(T,)` [m]; each holds until the next.

    Raises:
        PlanError: if the arrays do not fit together or hold anything but such a motion.
    """

    times_s: FloatArray
    poses: FloatArray
    gripper_widths: FloatArray

    def __post_init__(self) -> None:
        count = len(self.times_s)
        if count < 1 or self.poses.shape != (count, 7) or self.gripper_widths.shape != (count,):
            raise PlanError(
                f"trajectory: expected T times, (T, 7) poses and T widths, "
                f"got {self.times_s.shape}, {self.poses.shape} and {self.gripper_widths.shape}"
            )
        for name in ("times_s", "poses", "gripper_widths"):
            if not np.isfinite(getattr(self, name)).all():
                raise PlanError(f"trajectory: expected finite {name}, got NaN or infinity")
        if self.times_s[0] != 0.0 or (np.diff(self.times_s) <= 0.0).any():
            raise PlanError("trajectory: expected times that start at 0 and increase")
        if (np.abs(np.linalg.norm(quaternion_of(self.poses), axis=1) - 1.0) > 0.01).any():
            raise PlanError("trajectory: expected unit quaternions")

    @classmethod
    def fit(
        cls,
        start_pose: ArrayLike,
        waypoints: ArrayLike,
        target_pose: ArrayLike | None = None,
        *,
        start_width: float,
        end_width: float,
        approach_width: float | None = None,
        limits: TrajectoryLimits | None = None,
        workspace: Workspace | None = None,
    ) -> PoseTrajectory:
        """A trajectory from `start_pose` through `waypoints` (paper, section 3.1).

        The orientation turns smoothly and is the target's before the last segment begins. The
        gripper goes to `approach_width` at once and to `end_width` after the arm has come to rest.

        Args:
            start_pose: `(7,)` base frame.
            waypoints: `(N, 3)` or `(N, 7)` base frame [m], N >= 1, in order; the start is not among
                them, though the first may coincide with it.
            target_pose: `(7,)` at the keypoint; its position is the last waypoint's. None takes the
                last waypoint's own orientation, or the start's where waypoints are bare points.
            start_width, end_width, approach_width: [m]; no approach width keeps the start's.
            limits, workspace: defaults where None.

        Raises:
            PlanError: naming the waypoint that cannot be used, and why.
        """
        limits = limits or TrajectoryLimits()
        workspace = workspace or Workspace()
        start = as_pose(start_pose, name="start pose", error=PlanError)
        target = None
        if target_pose is not None:
            target = as_pose(target_pose, name="target pose", error=PlanError)
        points = _usable_waypoints(waypoints, start, target, workspace)
        path = _path(start, points, target)
        times, progress = progress_over_time(path, limits)
        widths = (start_width if approach_width is None else approach_width, end_width)
        if not (np.isfinite(widths).all() and min(widths) >= 0.0):
            why = f"gripper widths: expected finite numbers >= 0, got {widths}"
            raise PlanError(TrajectoryReason.MALFORMED.because(why=why))
        return cls._sampled(path, times, progress, widths, limits)

    @classmethod
    def _sampled(
        cls,
        path: Path,
        times: FloatArray,
        progress: FloatArray,
        widths: tuple[float, float],
        limits: TrajectoryLimits,
    ) -> PoseTrajectory:
        period = limits.sample_period_s
        acts_at_s = times[-1] + limits.settle_s
        count = int(np.ceil((acts_at_s + limits.dwell_s) / period)) + 1
        at_s: FloatArray = np.arange(count, dtype=np.float64) * period
        positions, rotations = evaluate(path, np.interp(at_s, times, progress))
        return cls(
            times_s=at_s,
            poses=pose_at(positions, rotations),
            gripper_widths=np.where(at_s < acts_at_s, widths[0], widths[1]),
        )

    @property
    def duration_s(self) -> float:
        """Length, with the dwell at the end [s]."""
        return float(self.times_s[-1])

    def sample(self, t_s: float) -> tuple[FloatArray, float]:
        """The pose `(7,)` and the gripper width [m] at a time; its ends hold beyond its ends."""
        after = int(np.searchsorted(self.times_s, t_s, side="right"))
        if after == 0 or after == len(self.times_s):
            at = max(after - 1, 0)
            return self.poses[at].copy(), float(self.gripper_widths[at])
        before_s, after_s = self.times_s[after - 1], self.times_s[after]
        pose = interpolate(
            self.poses[after - 1], self.poses[after], float((t_s - before_s) / (after_s - before_s))
        )
        return pose, float(self.gripper_widths[after - 1])

    def guidance(self, from_s: float, count: int, period_s: float) -> tuple[FloatArray, FloatArray]:
        """Guidance from a time on (P_g of the paper's eq. 1): poses `(G, 7)` and widths `(G,)`."""
        times = np.clip(from_s + np.arange(count) * period_s, 0.0, self.times_s[-1])
        after = np.clip(np.searchsorted(self.times_s, times, side="right"), 1, len(self.times_s))
        widths = self.gripper_widths[after - 1]
        if len(self.times_s) == 1:
            return np.repeat(self.poses, count, axis=0), widths
        positions = [np.interp(times, self.times_s, axis) for axis in position_of(self.poses).T]
        turned = self._rotations(times)
        return pose_at(np.stack(positions, axis=1), turned), widths

    @cached_property
    def _rotations(self) -> Slerp:
        return Slerp(self.times_s, rotation_of(self.poses))


def _usable_waypoints(
    waypoints: ArrayLike,
    start: FloatArray,
    target: FloatArray | None,
    workspace: Workspace,
) -> FloatArray:
    """The waypoints as `(N, 3)` or `(N, 7)`, within reach; the last at the target's position."""
    points = as_waypoints(waypoints, or_poses=True)
    total = len(points)
    if total > MAX_WAYPOINTS:
        raise PlanError(TrajectoryReason.TOO_MANY_WAYPOINTS.because(got=total, most=MAX_WAYPOINTS))
    before, before_name = start, "the start"
    for i, point in enumerate(points):
        name = f"waypoint {i + 1} of {total}"
        workspace.check(position_of(point), name=name)
        gap = distance_between(point, before)
        if gap > workspace.max_gap_m:
            raise PlanError(
                TrajectoryReason.GAP.because(
                    name=name, gap_m=gap, before=before_name, limit_m=workspace.max_gap_m
                )
            )
        if i > 0 and gap < _DUPLICATE_M:
            raise PlanError(TrajectoryReason.REPEATED.because(name=name, before=before_name))
        before, before_name = point, name
    if target is not None:
        check_end(points, target, END_TOLERANCE_M)
        workspace.check(position_of(target), name="the target pose")
        points[-1, :3] = position_of(target)
    return points


def _path(start: FloatArray, points: FloatArray, target: FloatArray | None) -> Path:
    first = rotation_of(start)
    with_rotations = points.shape[1] == 7
    if len(points) > 1 and distance_between(points[0], start) < _DUPLICATE_M:
        points = points[1:]
    if target is not None:
        last = rotation_of(target)
    else:
        last = rotation_of(points[-1]) if with_rotations else first
    if len(points) == 1 and distance_between(points[-1], start) < _DUPLICATE_M:
        return turn_in_place(position_of(points[-1]), first, last)
    corners = np.concatenate([position_of(start[None]), position_of(points)])
    keys = [(0, first)]
    if with_rotations:
        keys += [(i + 1, rotation_of(p)) for i, p in enumerate(points[:-2])]
    keys.append((max(len(points) - 1, 1), last))
    return spline_path(corners, keys)
