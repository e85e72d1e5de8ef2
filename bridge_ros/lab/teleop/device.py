"""What a person can move the arm with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class Deflection:
    """What a person asks for at the moment; every number is from -1 to 1.

    Attributes:
        linear: `(3,)` forwards, left and up, as the person sees it.
        angular: `(3,)` about these axes.
        gripper: 1 opens, -1 closes, 0 leaves it.
    """

    linear: FloatArray
    angular: FloatArray
    gripper: float = 0.0


class Command(Enum):
    """What a person asks for besides motion."""

    STOP = "stop"
    QUIT = "quit"


class Device(Protocol):
    """Keyboard or SpaceMouse."""

    help: str
    """How to use it, for the terminal."""

    def read(self, now_s: float) -> Deflection | None:
        """The present deflection; None while it is let go, or nothing is heard of it.

        Raises:
            HardwareError: if the device is gone.
        """

    def commands(self) -> list[Command]:
        """What was asked for since the last call."""

    def close(self) -> None:
        """Let go of the device."""
