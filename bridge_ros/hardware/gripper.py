"""Which gripper there is: the driver that the settings name."""

from __future__ import annotations

from bridge_ros.hardware.franka_hand import FrankaHand
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.no_gripper import NoGripper
from bridge_ros.hardware.protocols import Gripper
from bridge_ros.hardware.wsg_gripper import WsgGripper


def make_gripper(settings: GripperSettings) -> Gripper:
    """The driver that the settings name."""
    if settings.driver == "none":
        return NoGripper(settings)
    if settings.driver == "franka_hand":
        return FrankaHand(settings)
    return WsgGripper(settings)
