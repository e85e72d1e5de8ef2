"""Settings of the FR3's driver."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from bridge_ros.errors import ConfigError
from bridge_ros.hardware.topic_settings import TopicSettings
from bridge_ros.hardware.velocity_settings import VelocitySettings
from bridge_ros.settings.ranges import Range, Share, check_ranges


@dataclass(frozen=True, kw_only=True)
class ArmSettings:
    """Settings of the FR3.

    Attributes:
        driver: "franky" (the Franka Control Interface), or "topic" (another Cartesian controller
            that has it); of a topic arm only `tool_file` and `topic` count.
        host: address of the robot; its port is fixed by libfranka.
        mode: "impedance" (torques that yield to contact) or "velocity" (stiff, and closer to its
            targets). Stiffness, damping, greatest errors, posture, friction and torque step belong
            to the former.
        realtime: "ignore" where there is no real-time kernel, else "enforce".
        connect_timeout_s: longest wait for one attempt to connect.
        state_timeout_s: how long the robot's clock may stand still while our motion runs before the
            connection counts as lost; libfranka itself notices after two seconds.
        translational_stiffness_n_m, rotational_stiffness_nm_rad: of the impedance.
        translational_damping_ns_m, rotational_damping_nms_rad: critical for the mass and inertia m
            that the arm shows at its tool where they are 2 sqrt(stiffness m); the FR3 shows 3 to
            6 kg. The less damping, the further it swings back after a stop.
        max_position_error_m, max_rotation_error_rad: along each axis the impedance pushes no harder
            than for these errors: contact force is at most stiffness times error. Below
            collision_force_n, a hand that comes down too early presses, without a reflex.
        posture_stiffness_nm_rad: pull of the elbow towards the home joints, in the null space.
        friction_compensation: share, 0 to 1, of the FR3's nominal joint friction to feed forward.
            The robot compensates its motors' friction itself; a simulated one does not.
        max_torque_step_nm: torque change a millisecond, a joint.
        collision_torque_nm, collision_force_n: contact above these makes the robot stop by reflex.
        tool_file: the gripper's data: mass, inertia, tool centre point.
        velocity: what is special to the mode of that name.
        topic: what is special to the driver of that name.
    """

    driver: Literal["franky", "topic"] = "franky"
    host: str = "172.16.0.2"
    mode: Literal["impedance", "velocity"] = "impedance"
    realtime: Literal["ignore", "enforce"] = "ignore"
    connect_timeout_s: Annotated[float, Range(0.5, 60.0)] = 5.0
    state_timeout_s: Annotated[float, Range(0.05, 2.0)] = 0.2
    translational_stiffness_n_m: Annotated[float, Range(100.0, 3000.0)] = 2500.0
    rotational_stiffness_nm_rad: Annotated[float, Range(5.0, 200.0)] = 150.0
    translational_damping_ns_m: Annotated[float, Range(20.0, 300.0)] = 250.0
    rotational_damping_nms_rad: Annotated[float, Range(2.0, 40.0)] = 12.0
    max_position_error_m: Annotated[float, Range(0.005, 0.1)] = 0.015
    max_rotation_error_rad: Annotated[float, Range(0.02, 0.5)] = 0.25
    posture_stiffness_nm_rad: Annotated[float, Range(0.0, 50.0)] = 10.0
    friction_compensation: Share = 0.0
    max_torque_step_nm: Annotated[float, Range(0.1, 1.0)] = 1.0
    collision_torque_nm: Annotated[float, Range(5.0, 100.0)] = 40.0
    collision_force_n: Annotated[float, Range(5.0, 100.0)] = 50.0
    tool_file: str = "models/umi_gripper/umi_gripper.yaml"
    velocity: VelocitySettings = field(default_factory=VelocitySettings)
    topic: TopicSettings = field(default_factory=TopicSettings)

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.host:
            raise ConfigError("host: expected the robot's address, got nothing")
