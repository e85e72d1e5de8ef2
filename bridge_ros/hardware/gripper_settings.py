"""Settings of the gripper, common to its drivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Port, Range, check_ranges

# Franka Robotics, "Product manual Franka Hand": stroke, speed of the opening, continuous force.
_FRANKA_HAND_MOST = {"stroke_m": 0.08, "max_speed_m_s": 0.1, "force_n": 70.0}


@dataclass(frozen=True, kw_only=True)
class GripperSettings:
    """Settings of the gripper.

    Attributes:
        driver: "wsg" (Weiss WSG 50 with UMI's Lua script), "franka_hand" or "none".
        host: address of the gripper's TCP server; of a Franka Hand, the robot's.
        port: of that server; that of a Franka Hand is fixed.
        home: when to reference the fingers on connecting; "if_needed" leaves a referenced gripper,
            which may be holding something, as it is.
        stroke_m: largest opening.
        rate_hz: commands a second, or of a Franka Hand measurements; the WSG's script manages about
            30.
        max_speed_m_s: top speed of the opening.
        force_n: of the grip.
        timeout_s: longest wait for a connection or a reply.
        home_timeout_s: longest wait for the end of referencing.
        max_age_s: a measurement older than this is no measurement.
    """

    driver: Literal["wsg", "franka_hand", "none"] = "wsg"
    host: str = "192.168.1.20"
    port: Port = 1000
    home: Literal["if_needed", "always", "never"] = "if_needed"
    stroke_m: Annotated[float, Range(0.01, 0.2)] = 0.110
    rate_hz: Annotated[float, Range(5.0, 50.0)] = 30.0
    max_speed_m_s: Annotated[float, Range(0.005, 0.42)] = 0.15
    force_n: Annotated[float, Range(5.0, 80.0)] = 40.0
    timeout_s: Annotated[float, Range(0.05, 10.0)] = 1.0
    home_timeout_s: Annotated[float, Range(1.0, 60.0)] = 10.0
    max_age_s: Annotated[float, Range(0.05, 5.0)] = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.driver == "franka_hand":
            for name, high in _FRANKA_HAND_MOST.items():
                if getattr(self, name) > high:
                    raise ConfigError(
                        f"{name}: expected at most {high} with a Franka Hand, "
                        f"got {getattr(self, name)}"
                    )
