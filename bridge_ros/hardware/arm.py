"""The arm that the settings describe."""

from __future__ import annotations

from bridge_ros.errors import ConfigError
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.foreign_state import ForeignState
from bridge_ros.hardware.franky_arm import FrankyArm
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.protocols import Arm
from bridge_ros.hardware.topic_arm import SendPose, TopicArm


def make_arm(
    settings: ArmSettings,
    home_joints: tuple[float, ...],
    foreign: tuple[SendPose, ForeignState] | None = None,
) -> Arm:
    """An FR3 with the tool of the settings, not connected yet.

    Args:
        foreign: how poses get to another controller, and where its measurements are put; needed by
            the driver "topic" only.

    Raises:
        ConfigError: if the tool's file is missing or unusable, or the driver cannot run here.
    """
    tool = GripperModel.load(settings.tool_file)
    if settings.driver == "franky":
        return FrankyArm(settings, tool=tool, home_joints=home_joints)
    if foreign is None:
        raise ConfigError("arm.driver: expected 'franky' outside the controller node, got 'topic'")
    send, state = foreign
    return TopicArm(settings.topic, send=send, state=state, tool=tool)
