"""A SpaceMouse as a device: six axes for the hand, two buttons for the gripper."""

from __future__ import annotations

from typing import Any

import numpy as np

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.lab.teleop.device import Command, Deflection

HELP = """\
push, pull, turn and tilt the cap; let go, and the arm holds
  left button   close the gripper while held
  right button  open it while held
  Ctrl-C        end"""


class SpaceMouse:
    """Implements `Device` with a device that `pyspacemouse` opened.

    The library keeps the last state for ever, also that of a device which was unplugged while it
    was deflected; so a state counts only as long as it is fresh.
    """

    help = HELP

    def __init__(self, device: Any, *, deadband: float, silence_s: float) -> None:
        self._device = device
        self._deadband = deadband
        self._silence_s = silence_s
        self._state_t = -1.0
        self._heard_s = -np.inf

    @classmethod
    def open(cls, *, deadband: float, silence_s: float) -> SpaceMouse:
        """Open the one that is plugged in.

        Raises:
            ConfigError: if the library, or what it needs, is not installed.
            HardwareError: if no SpaceMouse answers.
        """
        try:
            import pyspacemouse
        except (ImportError, OSError, AttributeError) as error:
            raise ConfigError(
                f"teleop: {error}; pip install 'bridge_ros[teleop]', and the system's libhidapi "
                "(apt install libhidapi-hidraw0)"
            ) from error
        try:
            device = pyspacemouse.open(axis_convention=pyspacemouse.AxisConvention.ROS)
        except Exception as error:  # The library raises whatever comes; it is said as it is.
            raise HardwareError(
                f"no SpaceMouse answers ({error}); is it plugged in, and may you read its "
                "/dev/hidraw (udev rule)?"
            ) from error
        return cls(device, deadband=deadband, silence_s=silence_s)

    def read(self, now_s: float) -> Deflection | None:
        """See `Device`."""
        try:
            # Reports queue up between two ticks; the newest counts.
            before = None
            while (state := self._device.read()).t != before:
                before = state.t
        except Exception as error:  # The library raises whatever comes when a device is unplugged.
            raise HardwareError(f"the SpaceMouse is gone: {error}") from error
        if state.t != self._state_t:
            self._state_t, self._heard_s = state.t, now_s
        close, open_ = (list(state.buttons) + [0, 0])[:2]
        gripper = float(open_) - float(close)
        values = self._beyond_deadband(
            np.array([state.x, state.y, state.z, state.roll, state.pitch, state.yaw])
        )
        # A button is reported once, when it is pressed, and once, when it is let go.
        if now_s - self._heard_s > self._silence_s:
            values[:] = 0.0
        if not values.any() and not gripper:
            return None
        return Deflection(linear=values[:3], angular=values[3:], gripper=gripper)

    def commands(self) -> list[Command]:
        """See `Device`."""
        return []

    def close(self) -> None:
        """See `Device`."""
        self._device.close()

    def _beyond_deadband(self, values: Any) -> Any:
        """Deflections from 0 at the deadband's edge to 1; what is no number counts as none."""
        values = np.nan_to_num(values)
        size = np.clip(np.abs(values), 0.0, 1.0)
        return np.sign(values) * np.maximum(size - self._deadband, 0.0) / (1.0 - self._deadband)
