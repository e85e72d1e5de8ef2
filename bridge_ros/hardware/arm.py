"""The arm that the settings describe."""

from __future__ import annotations

from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.franky_arm import FrankyArm
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.protocols import Arm


def make_arm(settings: ArmSettings, home_joints: tuple[float, ...]) -> Arm:
    """An FR3 with the tool of the settings, not connected yet.

    Raises:
        ConfigError: if the tool's file is missing or unusable.
    """
    tool = GripperModel.load(settings.tool_file)
    return FrankyArm(settings, tool=tool, home_joints=home_joints)
