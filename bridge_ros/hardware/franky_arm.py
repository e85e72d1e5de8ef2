"""The Franka FR3 through franky: connection, state, faults, and a way to follow poses."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from bridge_ros.errors import HardwareError
from bridge_ros.geometry.poses import (
    FloatArray,
    compose,
    invert,
    matrix_from_pose,
    pose_at,
    position_of,
    quaternion_of,
)
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.following import Following
from bridge_ros.hardware.fr3_kinematics import MOST_RAD_S2, MOST_RAD_S3
from bridge_ros.hardware.franky_connection import (
    FCI_PORT,
    FrankyConnector,
    franky_errors,
    one_line,
)
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.impedance_following import ImpedanceFollowing
from bridge_ros.hardware.payload import missing_payload
from bridge_ros.hardware.protocols import ArmState
from bridge_ros.hardware.velocity_following import VelocityFollowing

if TYPE_CHECKING:
    from franky import Robot

_MODES = {
    "Other": "other",
    "Idle": "idle",
    "Move": "move",
    "Guiding": "guiding",
    "Reflex": "reflex",
    "UserStopped": "user stopped",
    "AutomaticErrorRecovery": "automatic error recovery",
}
_STOP_TIMEOUT_S = 2.5


class FrankyArm:
    """An FR3 that follows poses, in the mode that the settings name; implements `Arm`.

    Whatever end effector Desk has configured, the pose that is followed and reported is that of the
    tool given here, and the robot carries its weight.

    Args:
        tool: everything beyond the flange, and where its tool centre point is.
        home_joints: `(7,)` [rad] that the elbow is drawn to.
    """

    def __init__(
        self,
        settings: ArmSettings,
        *,
        tool: GripperModel,
        home_joints: tuple[float, ...],
    ) -> None:
        self._settings = settings
        self._tool = tool
        self._way: Following = (
            VelocityFollowing(settings.velocity, home_joints)
            if settings.mode == "velocity"
            else ImpedanceFollowing(settings, home_joints)
        )
        self._connector = FrankyConnector(
            lambda: _make_robot(settings),
            name=f"FR3 at {settings.host}",
            host=settings.host,
            port=FCI_PORT,
            timeout_s=settings.connect_timeout_s,
            advice="is it switched on, the address right, FCI active in Desk, and no other client "
            "connected?",
        )
        self._robot: Robot | None = None
        self._following = False
        self._ended_by = ""
        self._robot_time_s = -1.0
        self._advanced_s = 0.0

    def connect(self) -> None:
        """See `Arm`; blocks for at most the settings' timeout."""
        self.close()
        robot = self._connector.connect()
        try:
            self._configure(robot)
        except franky_errors() as error:
            raise self._lost("configuring it failed", error) from error
        self._robot = robot

    def start(self) -> None:
        """See `Arm`."""
        robot = self._connected()
        self._following, self._ended_by = False, ""
        try:
            self._way.start(robot)
        except franky_errors() as error:
            raise self._lost("it does not start to follow targets", error) from error
        self._following = True
        self._advanced_s = time.monotonic()

    def follow(self, pose: FloatArray, twist: FloatArray) -> None:
        """See `Arm`."""
        if self._robot is None or not self._following:
            return
        try:
            self._way.follow(self._robot, pose, twist)
        except franky_errors() as error:
            # Whatever ended the motion may be told here first, and is told once.
            self._following = False
            self._ended_by = one_line(error)

    def state(self) -> ArmState:
        """See `Arm`."""
        robot = self._connected()
        try:
            state = robot.state
            in_control = bool(robot.is_in_control)
        except franky_errors() as error:
            raise self._lost("connection lost", error) from error
        time_s = state.time.to_sec()
        self._check_advance(time_s, in_control)
        if self._following and not in_control:
            self._note_end(robot)
        errors = _names(state.current_errors)
        return ArmState(
            joint_positions=np.array(state.q),
            joint_velocities=np.array(state.dq),
            joint_torques=np.array(state.tau_J),
            ee_pose=_pose(state.O_T_EE),
            mode=_MODES.get(state.robot_mode.name, state.robot_mode.name),
            errors=(*errors, self._ended_by) if self._ended_by else errors,
            in_control=in_control,
            time_s=time_s,
            commands_in_time=float(state.control_command_success_rate),
        )

    def pose_of(self, joint_positions: FloatArray) -> FloatArray:
        """See `Arm`."""
        from franky import Affine, Frame

        tcp = self._tool.flange_to_tcp
        tool = Affine(position_of(tcp), quaternion_of(tcp))
        model = self._connected().model
        return _pose(model.pose(Frame.EndEffector, joint_positions, tool, Affine()))

    def stop(self) -> None:
        """See `Arm`."""
        self._following = False
        if self._robot is None:
            return
        try:
            if self._robot.is_in_control:
                self._way.stop(self._robot)
        except franky_errors() as error:
            # What ended the motion before us shows in the state; a stop itself must not fail.
            self._ended_by = one_line(error)

    def recover(self) -> bool:
        """See `Arm`; franky's own verdict is not trusted, for it says yes in a latched reflex."""
        from franky import CommandException, RobotMode

        robot = self._connected()
        self._following, self._ended_by = False, ""
        try:
            try:
                robot.poll_motion()
            except franky_errors() as error:
                self._ended_by = one_line(error)
            try:
                robot.recover_from_errors()
            except CommandException as error:
                self._ended_by = one_line(error)
                return False
            if robot.state.robot_mode != RobotMode.Idle:
                return False
        except franky_errors() as error:
            raise self._lost("connection lost", error) from error
        self._ended_by = ""
        return True

    def close(self) -> None:
        """See `Arm`."""
        robot, self._robot = self._robot, None
        if robot is None:
            return
        try:
            if robot.is_in_control:
                self._way.stop(robot)
            robot.join_motion(_STOP_TIMEOUT_S)
        except franky_errors() as error:
            self._ended_by = one_line(error)
        self._following, self._ended_by, self._robot_time_s = False, "", -1.0

    def _connected(self) -> Robot:
        if self._robot is None:
            raise HardwareError(f"FR3 at {self._settings.host}: not connected")
        return self._robot

    def _configure(self, robot: Robot) -> None:
        settings, state = self._settings, robot.state
        # franky has the bounds of the arm before this one, some of which are higher.
        for limit, most in (
            (robot.joint_acceleration_limit, MOST_RAD_S2),
            (robot.joint_jerk_limit, MOST_RAD_S3),
        ):
            limit.set(np.minimum(limit.max, most))
        robot.set_collision_behavior(settings.collision_torque_nm, settings.collision_force_n)
        nominal = _pose(state.F_T_NE)
        tool_frame = compose(invert(nominal), self._tool.flange_to_tcp)
        robot.set_ee(matrix_from_pose(tool_frame).flatten(order="F").tolist())
        load = missing_payload(self._tool, float(state.m_ee), np.array(state.F_x_Cee)[:3])
        robot.set_load(
            load.mass_kg,
            load.center_of_mass_m.tolist(),
            load.inertia_kg_m2.flatten(order="F").tolist(),
        )

    def _check_advance(self, robot_time_s: float, in_control: bool) -> None:
        """Notice a robot that has fallen silent sooner than libfranka does."""
        now_s = time.monotonic()
        if robot_time_s != self._robot_time_s:
            self._robot_time_s, self._advanced_s = robot_time_s, now_s
        elif in_control and now_s - self._advanced_s > self._settings.state_timeout_s:
            raise HardwareError(
                f"FR3 at {self._settings.host}: no new state for {now_s - self._advanced_s:.2f} s"
            )

    def _note_end(self, robot: Robot) -> None:
        """Keep why our motion ended by itself; franky tells it once."""
        self._following = False
        self._ended_by = "its motion ended"
        try:
            robot.poll_motion()
        except franky_errors() as error:
            self._ended_by = one_line(error)

    def _lost(self, what: str, error: Exception) -> HardwareError:
        return HardwareError(f"FR3 at {self._settings.host}: {what}: {one_line(error)}")


def _make_robot(settings: ArmSettings) -> Robot:
    import franky

    config = franky.RealtimeConfig
    return franky.Robot(
        settings.host,
        realtime_config=config.Ignore if settings.realtime == "ignore" else config.Enforce,
    )


def _pose(affine: Any) -> FloatArray:
    return pose_at(affine.translation, affine.quaternion)


def _names(errors: Any) -> tuple[str, ...]:
    text = str(errors).strip("[]")
    return tuple(name.strip(' "') for name in text.split(",")) if text else ()
