"""Keys of a terminal as a device: a key acts while the terminal repeats it, and little longer."""

from __future__ import annotations

import os
import select
import termios
import tty
from typing import Any

import numpy as np

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.lab.teleop.device import Command, Deflection

HELP = """\
hold a key to move; let go, and the arm holds
  w s  forwards, back      r f  up, down        a d  left, right
  u o  roll                i k  pitch           j l  yaw
  v c  open, close the gripper                  + -  faster, slower
  space  stop, which latches until /bridge/resume            x  end"""

_AXES = {
    "w": (0, 1.0),
    "s": (0, -1.0),
    "a": (1, 1.0),
    "d": (1, -1.0),
    "r": (2, 1.0),
    "f": (2, -1.0),
    "o": (3, 1.0),
    "u": (3, -1.0),
    "k": (4, 1.0),
    "i": (4, -1.0),
    "j": (5, 1.0),
    "l": (5, -1.0),
    "v": (6, 1.0),
    "c": (6, -1.0),
}
_COMMANDS = {" ": Command.STOP, "x": Command.QUIT}
_FASTER = {"+": 1.25, "=": 1.25, "-": 0.8}
_SLOWEST = 0.1


class Keyboard:
    """Implements `Device` on a terminal, which reports a key that is held again and again."""

    help = HELP

    def __init__(self, descriptor: int, *, hold_s: float) -> None:
        """Take the terminal; `close` gives it back as it was.

        Raises:
            ConfigError: if that is no terminal.
        """
        if not os.isatty(descriptor):
            raise ConfigError("teleop: expected a terminal to read keys from; run it in one")
        self._descriptor = descriptor
        self._before: list[Any] = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
        self._hold_s = hold_s
        self._held: dict[str, float] = {}
        self._commands: list[Command] = []
        self._speed = 1.0

    def read(self, now_s: float) -> Deflection | None:
        """See `Device`."""
        for key in self._typed():
            if key in _COMMANDS:
                self._commands.append(_COMMANDS[key])
                self._held.clear()
            elif key in _FASTER:
                self._speed = min(max(self._speed * _FASTER[key], _SLOWEST), 1.0)
            elif key in _AXES:
                self._held[key] = now_s
        self._held = {k: at_s for k, at_s in self._held.items() if now_s - at_s <= self._hold_s}
        if not self._held:
            return None
        values = np.zeros(7)
        for key in self._held:
            axis, sign = _AXES[key]
            values[axis] += sign
        values[:6] *= self._speed
        return Deflection(linear=values[:3], angular=values[3:6], gripper=float(values[6]))

    def commands(self) -> list[Command]:
        """See `Device`."""
        taken, self._commands = self._commands, []
        return taken

    def close(self) -> None:
        """See `Device`."""
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def _typed(self) -> str:
        if not select.select([self._descriptor], [], [], 0.0)[0]:
            return ""
        try:
            typed = os.read(self._descriptor, 1024)
        except OSError as error:
            raise HardwareError(f"the terminal is gone: {error.strerror}") from error
        if not typed:
            raise HardwareError("the terminal is gone: no more keys can come")
        return typed.decode(errors="ignore").lower()
