"""The driver for an arm without a gripper."""

from __future__ import annotations

from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.width import checked_width


class NoGripper:
    """Takes requests and reports each as done at once; implements `Gripper`."""

    def __init__(self, settings: GripperSettings) -> None:
        self._settings = settings
        self._width_m = settings.stroke_m

    def start(self) -> None:
        """See `Gripper`; there is nothing to reach."""

    def set_width(self, width_m: float) -> None:
        """See `Gripper`."""
        self._width_m = checked_width(width_m, self._settings.stroke_m)

    def halt(self) -> None:
        """See `Gripper`; nothing is on its way."""

    def state(self) -> GripperState:
        """See `Gripper`; the width is the one last asked for."""
        return GripperState(width_m=self._width_m, speed_m_s=0.0, force_n=0.0, moving=False)

    def close(self) -> None:
        """See `Gripper`."""
