"""Turns 20 Hz targets into a smooth stream of poses and twists within limits up to jerk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import numpy as np
from ruckig import (
    ControlInterface,
    InputParameter,
    Result,
    Ruckig,
    RuckigError,
    Synchronization,
    Trajectory,
)

from bridge_ros.geometry.poses import FloatArray, position_of, quaternion_of
from bridge_ros.geometry.quaternions import (
    from_rotvec,
    inverse,
    multiply,
    normalised,
    to_rotvec,
)
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.settings.ranges import Positive, Range, check_ranges

_DOFS = 6
_SHORTEST_SEGMENT_S = 0.02
_LONGEST_SEGMENT_S = 0.10
_AXIS_SHARE = 1.0 / math.sqrt(3.0)
_IDENTITY = np.eye(3)


@dataclass(frozen=True, kw_only=True)
class MotionLimits:
    """Bounds of the streamed motion: of each vector's norm, so that an axis alone gets 1/sqrt(3).

    Attributes:
        linear_velocity_m_s, linear_acceleration_m_s2, linear_jerk_m_s3: of the tool centre point.
        angular_velocity_rad_s, angular_acceleration_rad_s2, angular_jerk_rad_s3: of its
            orientation.
        catch_up_m_s, catch_up_rad_s: what lies behind its targets, as after a gap in them, moves by
            no more than this faster than they do.
        period_s: the targets' nominal period, until two of them have told the true one.
    """

    linear_velocity_m_s: Positive = 0.6
    linear_acceleration_m_s2: Positive = 8.0
    linear_jerk_m_s3: Positive = 600.0
    angular_velocity_rad_s: Positive = 2.0
    angular_acceleration_rad_s2: Positive = 20.0
    angular_jerk_rad_s3: Positive = 1000.0
    catch_up_m_s: Positive = 0.10
    catch_up_rad_s: Positive = 0.4
    period_s: Annotated[float, Range(_SHORTEST_SEGMENT_S, _LONGEST_SEGMENT_S)] = CONTROL_PERIOD_S

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Setpoint:
    """What the arm is to do now.

    Attributes:
        pose: `(7,)`, base frame.
        twist: `(6,)` linear [m/s] and angular [rad/s] velocity, base frame.
        at_rest: whether the motion has ended.
    """

    pose: FloatArray
    twist: FloatArray
    at_rest: bool


class _Phase(Enum):
    REST = "rest"
    FOLLOW = "follow"
    """Towards a target, with the velocity at which the stream passes it."""
    END = "end"
    """Towards standstill."""


class StreamInterpolator:
    """Plans a jerk-limited segment to every new target and samples it at the arm's rate.

    A segment takes the targets' period, so that it ends when the next one is due; at its end it has
    the velocity that the last two targets imply, so that a stream is followed without stopping. If
    the next target is late by half a period, the motion ends at the last one, and catches up slowly
    when the stream goes on: segments take longer then. Positions are planned in base; orientations
    as a rotation vector relative to the orientation at the segment's start, which stays small, so
    that its rates are the angular velocities but for the left Jacobian.

    Times are seconds on any one monotonic clock.
    """

    def __init__(self, limits: MotionLimits, pose: FloatArray, now_s: float) -> None:
        self._limits = limits
        self._otg = Ruckig(_DOFS)
        self.reset(pose, now_s)

    def reset(self, pose: FloatArray, now_s: float) -> None:
        """Be at rest at a pose `(7,)`."""
        self._phase = _Phase.REST
        self._start_s = now_s
        self._trajectory: Trajectory | None = None
        self._position: FloatArray = np.array(position_of(pose))
        self._reference = normalised(quaternion_of(pose))
        self._target: tuple[FloatArray, FloatArray] | None = None
        self._target_stamp_s = -math.inf
        self._segment_s = self._limits.period_s

    def follow(self, pose: FloatArray, stamp_s: float, now_s: float) -> None:
        """Take the next target of a stream.

        Args:
            pose: `(7,)`, base frame, checked.
            stamp_s: the sender's stamp; only differences between targets matter.
        """
        target = (np.array(position_of(pose)), normalised(quaternion_of(pose)))
        elapsed_s = stamp_s - self._target_stamp_s
        velocity = np.zeros(_DOFS)
        self._segment_s = self._limits.period_s
        if self._target is not None and 0.0 < elapsed_s <= 3.0 * _LONGEST_SEGMENT_S:
            self._segment_s = min(max(elapsed_s, _SHORTEST_SEGMENT_S), _LONGEST_SEGMENT_S)
            last_position, last_rotation = self._target
            turn = to_rotvec(multiply(target[1], inverse(last_rotation)))
            velocity = np.concatenate([target[0] - last_position, turn]) / elapsed_s
        self._target, self._target_stamp_s = target, stamp_s
        self._advance(now_s)
        self._plan(now_s, target, self._within_limits(velocity), self._segment_s)
        self._phase = _Phase.FOLLOW if np.any(velocity) else _Phase.END

    def go_to(self, pose: FloatArray, now_s: float, speed: float) -> None:
        """Move to a pose and rest there, straight where possible, at a fraction of the limits."""
        target = (np.array(position_of(pose)), normalised(quaternion_of(pose)))
        self._target = None
        self._advance(now_s)
        self._plan(now_s, target, np.zeros(_DOFS), None, speed=speed)
        self._phase = _Phase.END

    def brake(self, now_s: float) -> None:
        """Come to rest as fast as the limits allow."""
        self._target = None
        self._advance(now_s)
        if self._phase is not _Phase.REST:
            self._plan(now_s, None, np.zeros(_DOFS), None)
            self._phase = _Phase.END

    def sample(self, now_s: float) -> Setpoint:
        """Where to be now; times must not decrease."""
        self._advance(now_s)
        position, velocity, acceleration = self._state(now_s)
        rotation, spin, _ = self._rotation_state(position, velocity, acceleration)
        return Setpoint(
            pose=np.concatenate([position[:3], rotation]),
            twist=np.concatenate([velocity[:3], spin]),
            at_rest=self._phase is _Phase.REST,
        )

    def _advance(self, now_s: float) -> None:
        """End the stream when its next target is overdue, and the motion when it has arrived."""
        if self._trajectory is None:
            return
        end_s = self._start_s + self._trajectory.duration
        overdue_s = end_s + 0.5 * self._segment_s
        if self._phase is _Phase.FOLLOW and now_s > overdue_s and self._target is not None:
            self._plan(overdue_s, self._target, np.zeros(_DOFS), None)
            self._phase = _Phase.END
            end_s = self._start_s + self._trajectory.duration
        if self._phase is _Phase.END and now_s >= end_s:
            position, _, _ = self._state(end_s)
            self._reference = self._turned(position[3:])
            self._position, self._trajectory, self._phase = position[:3], None, _Phase.REST

    def _state(self, now_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Position, velocity, acceleration `(6,)`; the last three about the segment's reference."""
        if self._trajectory is None:
            zeros = np.zeros(_DOFS)
            return np.concatenate([self._position, np.zeros(3)]), zeros, zeros
        position, velocity, acceleration = self._trajectory.at_time(max(now_s - self._start_s, 0.0))
        return np.array(position), np.array(velocity), np.array(acceleration)

    def _rotation_state(
        self, position: FloatArray, velocity: FloatArray, acceleration: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Orientation `(4,)`, angular velocity and (near the reference) acceleration in base."""
        jacobian = _left_jacobian(position[3:])
        rotation = self._turned(position[3:])
        return rotation, jacobian @ velocity[3:], jacobian @ acceleration[3:]

    def _turned(self, rotvec: FloatArray) -> FloatArray:
        return normalised(multiply(from_rotvec(rotvec.tolist()), self._reference))

    def _plan(
        self,
        now_s: float,
        target: tuple[FloatArray, FloatArray] | None,
        velocity: FloatArray,
        duration_s: float | None,
        speed: float = 1.0,
    ) -> None:
        """Plan from the present state; without a target, only to a velocity."""
        position, rate, acceleration = self._state(now_s)
        rotation, spin, spin_rate = self._rotation_state(position, rate, acceleration)
        request = InputParameter(_DOFS)
        request.current_position = [*position[:3], 0.0, 0.0, 0.0]
        request.current_velocity = [*rate[:3], *spin]
        request.current_acceleration = [*acceleration[:3], *spin_rate]
        limits, axis = self._limits, speed * _AXIS_SHARE
        request.max_velocity = _per_axis(
            axis, limits.linear_velocity_m_s, limits.angular_velocity_rad_s
        )
        request.max_acceleration = _per_axis(
            axis, limits.linear_acceleration_m_s2, limits.angular_acceleration_rad_s2
        )
        request.max_jerk = _per_axis(axis, limits.linear_jerk_m_s3, limits.angular_jerk_rad_s3)
        request.target_velocity = list(velocity)
        if target is None:
            request.control_interface = ControlInterface.Velocity
            request.synchronization = Synchronization.No
        else:
            if duration_s:
                # What lies behind catches up without a lurch; what is faster may stay so.
                gain = _per_axis(_AXIS_SHARE, limits.catch_up_m_s, limits.catch_up_rad_s)
                fast = np.maximum(np.abs(velocity) + gain, np.abs(request.current_velocity))
                request.max_velocity = np.minimum(request.max_velocity, fast).tolist()
            turn = to_rotvec(multiply(target[1], inverse(rotation)))
            request.target_position = [*target[0], *turn]
            request.synchronization = Synchronization.Time if duration_s else Synchronization.Phase
        self._trajectory = self._solve(request, duration_s)
        self._start_s, self._reference = now_s, rotation

    def _solve(self, request: InputParameter, duration_s: float | None) -> Trajectory:
        """A trajectory of at least the wanted duration; a stop if there is none."""
        trajectory = Trajectory(_DOFS)
        if duration_s is not None:
            request.minimum_duration = duration_s
        try:
            solved = self._otg.calculate(request, trajectory) in (Result.Working, Result.Finished)
        except RuckigError:
            solved = False
        if not solved:
            request.minimum_duration = None
            request.control_interface = ControlInterface.Velocity
            request.synchronization = Synchronization.No
            request.target_velocity = [0.0] * _DOFS
            self._otg.calculate(request, trajectory)
        return trajectory

    def _within_limits(self, velocity: FloatArray) -> FloatArray:
        """The velocity, shortened until every axis keeps its limit."""
        limits = self._limits
        bounds = np.array(
            _per_axis(0.95 * _AXIS_SHARE, limits.linear_velocity_m_s, limits.angular_velocity_rad_s)
        )
        excess = np.maximum(1.0, (np.abs(velocity) / bounds).reshape(2, 3).max(axis=1))
        shortened: FloatArray = velocity / np.repeat(excess, 3)
        return shortened


def _per_axis(share: float, linear: float, angular: float) -> list[float]:
    """A bound for each of the three linear and three angular axes."""
    return [share * linear] * 3 + [share * angular] * 3


def _left_jacobian(rotvec: FloatArray) -> FloatArray:
    """Maps a rotation vector's rate to the angular velocity in base (Sola et al. 2018, eq. 145)."""
    x, y, z = rotvec.tolist()
    angle = math.sqrt(x * x + y * y + z * z)
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    if angle < 1e-4:
        return _IDENTITY + 0.5 * skew
    first = (1.0 - math.cos(angle)) / angle**2
    second = (angle - math.sin(angle)) / angle**3
    jacobian: FloatArray = _IDENTITY + first * skew + second * (skew @ skew)
    return jacobian
