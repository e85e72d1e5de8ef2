"""The WSG on the simulation's clock, with the simulated fingers behind it; implements `Gripper`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.width import checked_width, halted_width
from bridge_ros.sim.fingers import FingerDrive

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.world import World

_KP = 15.0
"""Of the gripper's script: its speed is this times the distance."""


class SteppedGripper:
    """What driver, wire and script make of widths: one command and one measurement a period.

    Args:
        world: of which `data` is the state.
        settings: the real gripper's.
    """

    def __init__(self, world: World, data: mujoco.MjData, settings: GripperSettings) -> None:
        self._settings = settings
        self._data = data
        self._drive = FingerDrive(width_m=world.gripper.stroke_m, stroke_m=world.gripper.stroke_m)
        joints = [world.model.joint(f"robot0_finger_joint{number}") for number in (1, 2)]
        self._positions = [int(joint.qposadr[0]) for joint in joints]
        self._dofs = [int(joint.dofadr[0]) for joint in joints]
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
        data, (one, two) = self._data, self._positions
        forces = self._drive.step(
            (float(data.qpos[one]), float(data.qpos[two])),
            (float(data.qvel[self._dofs[0]]), float(data.qvel[self._dofs[1]])),
            self._step_s,
        )
        data.qfrc_applied[self._dofs[0]], data.qfrc_applied[self._dofs[1]] = forces

    def _command(self, width_m: float) -> None:
        lead_m = self._settings.max_speed_m_s / _KP
        ahead_m = min(max(self._goal_m - width_m, -lead_m), lead_m)
        self._drive.set_goal(width_m + ahead_m, _KP * abs(ahead_m), self._settings.force_n)

    def _measure(self) -> GripperState:
        return GripperState(
            width_m=sum(float(self._data.qpos[address]) for address in self._positions),
            speed_m_s=self._drive.speed_m_s,
            force_n=self._drive.force_n,
            moving=self._drive.moving,
        )
