"""Follows poses by commanding velocities, which the robot's own stiff controller carries out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.velocity_command import velocity_command
from bridge_ros.hardware.velocity_settings import VelocitySettings

if TYPE_CHECKING:
    from franky import Robot

_STANDSTILL_S = 2.0
"""A motion that nobody steers any more ends after standing still for so long."""

_RAMP_S = 0.01
"""A commanded velocity is reached no sooner than this, so that no axis changes as fast as it may.

Planned anew on the very edge of what an axis can, as franky does in its 1 kHz thread, ruckig may
find no solution (error -110, see docs/controller.md), and that ends the motion.
"""


class VelocityFollowing:
    """franky's Cartesian velocity motions with feedback of the pose; implements `Following`.

    Every command is a motion of its own that takes over from the last one within bounds of
    acceleration and jerk, and has its own end in it: unless the next one comes within
    `watchdog_s`, the robot's millisecond loop brakes to a standstill, whatever has become of us.
    """

    def __init__(self, settings: VelocitySettings) -> None:
        self._settings = settings

    def start(self, robot: Robot) -> None:
        """See `Following`."""
        self._command(robot, np.zeros(6))

    def follow(self, robot: Robot, pose: FloatArray, twist: FloatArray) -> None:
        """See `Following`."""
        if not robot.is_in_control:
            # A motion that has ended must not begin again by itself.
            return
        measured: Any = robot.state.O_T_EE
        present = np.concatenate([measured.translation, measured.quaternion])
        command = velocity_command(pose, twist, present, self._settings)
        if np.isfinite(command).all():
            self._command(robot, command)

    def stop(self, robot: Robot) -> None:
        """See `Following`."""
        from franky import CartesianVelocityStopMotion

        robot.move(CartesianVelocityStopMotion(self._dynamics()), asynchronous=True)

    def _command(self, robot: Robot, twist: FloatArray) -> None:
        from franky import (
            CartesianVelocityWaypoint,
            CartesianVelocityWaypointMotion,
            Twist,
        )

        waypoints = [
            CartesianVelocityWaypoint(
                Twist(velocity[:3], velocity[3:]),
                minimum_time=_duration(_RAMP_S),
                hold_target_duration=_duration(hold_s),
            )
            for velocity, hold_s in (
                (twist, self._settings.watchdog_s),
                (np.zeros(6), _STANDSTILL_S),
            )
        ]
        robot.move(
            CartesianVelocityWaypointMotion(waypoints, relative_dynamics_factor=self._dynamics()),
            asynchronous=True,
        )

    def _dynamics(self) -> Any:
        from franky import RelativeDynamicsFactor

        settings = self._settings
        return RelativeDynamicsFactor(1.0, settings.acceleration_factor, settings.jerk_factor)


def _duration(seconds: float) -> Any:
    from franky import Duration

    return Duration(round(1e3 * seconds))
