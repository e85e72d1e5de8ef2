"""Settings of the controller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.control_loop import RATES_HZ
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.settings.ranges import Positive, check_ranges


@dataclass(frozen=True, kw_only=True)
class ControllerSettings:
    """`config/controller.yaml` explains every entry.

    Attributes:
        rate_hz: of the streaming loop.
        publish_rate_hz: of joint states and pose.
        required_nodes: nodes whose loss makes the arm hold.
    """

    rate_hz: Annotated[float, RATES_HZ] = 100.0
    publish_rate_hz: Positive = 25.0
    required_nodes: tuple[str, ...] = ("camera", "planner", "trajectory", "expert")
    arm: ArmSettings = field(default_factory=ArmSettings)
    gripper: GripperSettings = field(default_factory=GripperSettings)
    targets: TargetLimits = field(default_factory=TargetLimits)
    motion: MotionLimits = field(default_factory=MotionLimits)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)

    def __post_init__(self) -> None:
        check_ranges(self)

    @property
    def publish_period_s(self) -> float:
        """Time between two joint states."""
        return 1.0 / self.publish_rate_hz
