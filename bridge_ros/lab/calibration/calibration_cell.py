"""What a calibration needs of a robot cell, be it the live graph or a simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray


@dataclass(frozen=True, kw_only=True)
class Look:
    """A picture, and where the hand was when it was taken.

    Attributes:
        rgb: `(H, W, 3)` uint8.
        ee_pose: `(7,)` of the tool centre point in base.
    """

    rgb: NDArray[np.uint8]
    ee_pose: FloatArray


class CalibrationCell(Protocol):
    """A camera and an arm."""

    @property
    def intrinsics(self) -> Intrinsics:
        """Of the colour camera."""

    def ee_pose(self) -> FloatArray:
        """`(7,)` measured pose of the tool centre point in base, now."""

    def picture(self) -> NDArray[np.uint8]:
        """The newest picture `(H, W, 3)`, whether the arm moves or not; for previews."""

    def look(self) -> Look:
        """Wait for rest, and take a picture.

        Raises:
            MovingArmError: if the hand does not come to rest.
            CameraError: if no picture comes.
        """

    def move_to(self, pose: FloatArray) -> None:
        """Bring the tool centre point to a pose `(7,)`, straight and slowly.

        Raises:
            HardwareError: if the arm does not get there, with why.
        """
