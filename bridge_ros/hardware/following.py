"""The seam between the FR3's driver and the ways in which it makes the arm follow poses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bridge_ros.geometry.poses import FloatArray

if TYPE_CHECKING:
    from franky import Robot


class Following(Protocol):
    """A way to make an FR3 follow poses. What franky raises goes through to the driver."""

    def start(self, robot: Robot) -> None:
        """Begin to follow, from the present pose; also while an earlier motion comes to rest."""

    def follow(self, robot: Robot, pose: FloatArray, twist: FloatArray) -> None:
        """Track a pose `(7,)` with a feed-forward twist `(6,)`; see `Arm.follow`."""

    def stop(self, robot: Robot) -> None:
        """Begin to end the motion gently; it must be in control, and of this kind."""
