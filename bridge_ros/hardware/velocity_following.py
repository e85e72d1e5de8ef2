"""Follows poses by commanding velocities, which the robot's own stiff controller carries out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bridge_ros.geometry.poses import FloatArray, pose_at
from bridge_ros.hardware.fr3_kinematics import velocity_bounds
from bridge_ros.hardware.joint_rates import joint_rates
from bridge_ros.hardware.velocity_command import velocity_command
from bridge_ros.hardware.velocity_settings import VelocitySettings

if TYPE_CHECKING:
    from franky import Robot

_STANDSTILL_S = 2.0
"""A motion that nobody steers any more ends after standing still for so long."""

_RAMP_S = 0.01
"""A commanded velocity is reached no sooner than this, so that no joint changes as fast as it may.

Planned anew on the very edge of what a joint can, as franky does in its 1 kHz thread, ruckig may
find no solution (error -110, see docs/controller.md), and that ends the motion.
"""


_FASTEST_PULL_RAD_S = 0.2
"""Of the elbow on its way home, however far that is."""


class VelocityFollowing:
    """franky's joint velocity motions with feedback of the pose; implements `Following`.

    Every command is a motion of its own that takes over from the last one within bounds of
    acceleration and jerk, and has its own end in it: unless the next one comes within
    `watchdog_s`, the robot's millisecond loop brakes to a standstill, whatever has become of us.

    Joint velocities rather than the tool's: the robot judges either by what its joints would have
    to do, and so their bounds are kept exactly, and the elbow does not drift.

    Args:
        home_joints: `(7,)` [rad] that the elbow is drawn to.
    """

    def __init__(self, settings: VelocitySettings, home_joints: tuple[float, ...]) -> None:
        self._settings = settings
        self._home = np.array(home_joints)

    def start(self, robot: Robot) -> None:
        """See `Following`."""
        self._command(robot, np.zeros(7))

    def follow(self, robot: Robot, pose: FloatArray, twist: FloatArray) -> None:
        """See `Following`."""
        from franky import Frame

        if not robot.is_in_control:
            # A motion that has ended must not begin again by itself.
            return
        settings, state = self._settings, robot.state
        measured: Any = state.O_T_EE
        present = pose_at(measured.translation, measured.quaternion)
        command = velocity_command(pose, twist, present, settings)
        joints = np.array(state.q)
        if not (np.isfinite(command).all() and np.isfinite(joints).all()):
            return
        pull = settings.posture_gain_per_s * (self._home - joints)
        least, greatest = velocity_bounds(joints)
        share = settings.joint_velocity_factor
        rates = joint_rates(
            command,
            robot.model.zero_jacobian(Frame.EndEffector, state),
            np.clip(pull, -_FASTEST_PULL_RAD_S, _FASTEST_PULL_RAD_S),
            (share * least, share * greatest),
        )
        self._command(robot, rates)

    def stop(self, robot: Robot) -> None:
        """See `Following`."""
        from franky import JointVelocityStopMotion

        robot.move(JointVelocityStopMotion(self._dynamics()), asynchronous=True)

    def _command(self, robot: Robot, rates: FloatArray) -> None:
        from franky import JointVelocityWaypoint, JointVelocityWaypointMotion

        waypoints = [
            JointVelocityWaypoint(
                velocity,
                minimum_time=_duration(_RAMP_S),
                hold_target_duration=_duration(hold_s),
            )
            for velocity, hold_s in (
                (rates, self._settings.watchdog_s),
                (np.zeros(7), _STANDSTILL_S),
            )
        ]
        robot.move(
            JointVelocityWaypointMotion(waypoints, relative_dynamics_factor=self._dynamics()),
            asynchronous=True,
        )

    def _dynamics(self) -> Any:
        from franky import RelativeDynamicsFactor

        settings = self._settings
        return RelativeDynamicsFactor(1.0, settings.acceleration_factor, settings.jerk_factor)


def _duration(seconds: float) -> Any:
    from franky import Duration

    return Duration(round(1e3 * seconds))
