"""The Protocols that arms and grippers implement, and the states that they report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class ArmState:
    """One measurement of the arm.

    Attributes:
        joint_positions, joint_velocities, joint_torques: `(7,)` [rad], [rad/s], [Nm].
        ee_pose: `(7,)` pose of the tool centre point, base frame.
        mode: the robot's own mode in words, e.g. "idle", "move", "reflex", "user stopped".
        errors: names of the robot's present errors, and why our motion ended if it ended by itself;
            empty when there are none.
        in_control: whether our motion is being carried out.
        time_s: the robot's own clock; 0 where it has none.
        commands_in_time: share of the last 100 commands that the robot got within its millisecond;
            0 while none are awaited.
    """

    joint_positions: FloatArray
    joint_velocities: FloatArray
    joint_torques: FloatArray
    ee_pose: FloatArray
    mode: str
    errors: tuple[str, ...]
    in_control: bool
    time_s: float = 0.0
    commands_in_time: float = 0.0


class Arm(Protocol):
    """A torque- or pose-controlled arm. All calls come from the controller's streaming thread."""

    def connect(self) -> None:
        """Reach the robot and set its payload, thresholds and tool. Raises HardwareError."""

    def start(self) -> None:
        """Begin to follow targets, from the present pose. Raises HardwareError."""

    def follow(self, pose: FloatArray, twist: FloatArray) -> None:
        """Track a pose `(7,)`, with feed-forward twist `(6,)`; both in the base frame.

        The twist is linear [m/s], then angular [rad/s]. Does nothing when the motion has ended,
        which `state` tells.
        """

    def state(self) -> ArmState:
        """The newest measurement. Raises HardwareError when the connection is lost."""

    def pose_of(self, joint_positions: FloatArray) -> FloatArray:
        """Forward kinematics: `(7,)` [rad] to the tool centre point's pose `(7,)`, base frame."""

    def stop(self) -> None:
        """Begin to end the motion gently and return at once; safe to call at any time.

        The motion has ended once `state().in_control` is false.
        """

    def recover(self) -> bool:
        """Try once to leave an error; true only if the robot itself says it is ready."""

    def close(self) -> None:
        """Stop and disconnect; safe to call at any time."""


@dataclass(frozen=True, kw_only=True)
class GripperState:
    """One measurement of the gripper: opening [m], speed [m/s], force [N], and whether it moves."""

    width_m: float
    speed_m_s: float
    force_n: float
    moving: bool


class Gripper(Protocol):
    """A parallel gripper. Drivers own a thread: no call but `close` waits for the device."""

    def start(self) -> None:
        """Begin to reach and reference the gripper, and to keep the connection; returns at once."""

    def set_width(self, width_m: float) -> None:
        """Ask for an opening; the newest request wins.

        Raises TargetRefusedError for one that the gripper does not have.
        """

    def halt(self) -> None:
        """Stop fingers that are on their way, until another opening is asked for.

        What they hold stays held.
        """

    def state(self) -> GripperState:
        """The newest measurement. Raises HardwareError, with the reason, when there is none."""

    def close(self) -> None:
        """Hold still and disconnect; safe to call at any time."""
