"""The WSG on the simulation's clock, with the simulated fingers behind it; implements `Gripper`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.width import checked_width, halted_width
from bridge_ros.hardware.wsg_gripper import KP, lead
from bridge_ros.sim.fingers import FingerDrive

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.world import World


class SteppedGripper:
    """What driver, wire and script make of widths: one command and one measurement a period.

    Args:
        world: of which `data` is the state.
        settings: the real gripper's.
    """

    def __init__(self, world: World, data: mujoco.MjData, settings: GripperSettings) -> None:
        self._world, self._data = world, data
        self._settings = settings
        self._drive = FingerDrive(width_m=world.gripper.stroke_m, stroke_m=world.gripper.stroke_m)
        self._step_s = float(world.model.opt.timestep)
        self._goal_m = world.gripper.stroke_m
        self._since_command_s = 0.0
        self._measurement = self._measure()

    def start(self) -> None:
        """Nothing to reach."""

    def set_width(self, width_m: float) -> None:
        """See `Gripper`."""
        self._goal_m = checked_width(width_m, self._settings.stroke_m)

    def halt(self) -> None:
        """See `Gripper`."""
        width_m = halted_width(self._measurement, self._settings.stroke_m)
        self._goal_m = self._goal_m if width_m is None else width_m

    def state(self) -> GripperState:
        """See `Gripper`."""
        return self._measurement

    def close(self) -> None:
        """Nothing to let go of."""

    def apply(self) -> None:
        """Set the finger forces of the next physics step."""
        self._since_command_s += self._step_s
        if self._since_command_s >= 1.0 / self._settings.rate_hz:
            self._since_command_s = 0.0
            self._measurement = self._measure()
            self._command(self._measurement.width_m)
        world = self._world
        self._drive.apply(self._data, world.finger_qpos, world.finger_dofs, self._step_s)

    def _command(self, width_m: float) -> None:
        ahead_m = lead(self._goal_m - width_m, self._settings.max_speed_m_s)
        self._drive.set_goal(width_m + ahead_m, KP * abs(ahead_m), self._settings.force_n)

    def _measure(self) -> GripperState:
        return GripperState(
            width_m=self._world.gripper_width(self._data),
            speed_m_s=self._drive.speed_m_s,
            force_n=self._drive.force_n,
            moving=self._drive.moving,
        )
