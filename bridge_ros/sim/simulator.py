"""franky-sim's simulator with our cell in it: FR3, UMI gripper, room, objects and camera."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

import numpy as np
from franky_sim import RobotParameters
from franky_sim.base_simulator import InnerRobotState
from franky_sim.constants import FRANKA_TORQUE_LIMITS_HIGH, FRANKA_TORQUE_LIMITS_LOW
from franky_sim.mujoco_simulator import FrankaMujocoRobot, MujocoSimulator

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, position_of, rotation_of
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.sim import workcell
from bridge_ros.sim.fingers import FingerDrive
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.state_packet import StatePacket
from bridge_ros.sim.umi_gripper import mount_umi_gripper

ROBOT_PREFIX = "robot0_"
_TORQUES_MIN = np.array(FRANKA_TORQUE_LIMITS_LOW, dtype=np.float64)
_TORQUES_MAX = np.array(FRANKA_TORQUE_LIMITS_HIGH, dtype=np.float64)
_PHYSICS_STEP_S = 0.001


class UmiRobot(FrankaMujocoRobot):  # type: ignore[misc]
    """An FR3 with the UMI gripper: no Franka Hand, so no hand server; the fingers have a drive.

    Its end effector is set as one would in Desk, so that the arm holds before any client connects.

    Args:
        initial_q: seven joint angles [rad].
        gripper: what is on the flange.
    """

    _tracked_state_components: dict[str, Any]

    def __init__(self, initial_q: Sequence[float], gripper: GripperModel) -> None:
        super().__init__(
            initial_q=initial_q,
            initial_hand_width=gripper.stroke_m,
            robot_parameters=_desk_end_effector(gripper),
        )
        self.fingers = FingerDrive(width_m=gripper.stroke_m, stroke_m=gripper.stroke_m)
        self._components = self._tracked_state_components
        self.packet = StatePacket(self._components, self.kinematics, self.d_kinematics)
        self._inner_state: InnerRobotState | None = None

    @property
    def has_gripper(self) -> bool:
        """False: the WSG is no part of the Franka Control Interface."""
        return False

    def kinematics(self, q: FloatArray) -> Any:
        """Pose of the tool, a `pinocchio.SE3`; a copy, or the next call would overwrite it."""
        return super().kinematics(q).copy()

    @property
    def state(self) -> Any:
        """See `BaseRobot`."""
        self.packet.complete()
        return super().state

    def _get_state(self) -> InnerRobotState:
        # Asked for several times a millisecond: once a step, without a Python loop over the joints.
        if self.data is None:
            return super()._get_state()
        if self._inner_state is None:
            self._inner_state = InnerRobotState(
                q=tuple(self.data.qpos[self._qpos_addrs].tolist()),
                dq=tuple(self.data.qvel[self._dof_addrs].tolist()),
                tau_j=tuple(self._applied_torques.tolist()),
            )
        return self._inner_state

    def _torque_control(self, torques: FloatArray) -> None:
        self._applied_torques = np.minimum(np.maximum(torques, _TORQUES_MIN), _TORQUES_MAX)
        self.data.qfrc_applied[self._dof_addrs] = self._applied_torques
        self._inner_state = None

    def _post_step(self) -> None:
        self._tracked_state_components = {"tau_J": self.packet}
        try:
            super()._post_step()
        finally:
            self._tracked_state_components = self._components

    def _pre_step(self) -> None:
        self._inner_state = None
        if self.data is not None:
            self.fingers.apply(
                self.data, self._finger_qpos_addrs, self._finger_dof_addrs, _PHYSICS_STEP_S
            )


class CellSimulator(MujocoSimulator):  # type: ignore[misc]
    """One robot and one scene, complete from construction; see `MujocoSimulator` for its life.

    Args:
        scene: what lies on the table.
        initial_q: seven joint angles [rad].
        gripper: what is on the flange.
        intrinsics: of the rendered camera.
        optical_pose: `(7,)` of the camera's optical frame, base frame.
    """

    def __init__(
        self,
        scene: Scene,
        *,
        initial_q: Sequence[float],
        gripper: GripperModel,
        intrinsics: Intrinsics,
        optical_pose: FloatArray,
    ) -> None:
        super().__init__()
        self.add_robot(initial_q=initial_q)
        self.robot = UmiRobot(initial_q, gripper)
        # add_robot builds the arm's body and a robot with a Franka Hand; ours takes its place.
        self._robots = [self.robot]
        mount_umi_gripper(self.scene, ROBOT_PREFIX)
        if scene.held_board is not None:
            hand = self.scene.find(f".//body[@name='{ROBOT_PREFIX}hand']")
            assert hand is not None, "the gripper was just mounted on it"
            hand.append(scene.held_board.to_mjcf(gripper.flange_to_tcp))
        workcell.add_assets(self.scene, scene.lighting)
        for thing in scene.objects:
            self.worldbody.append(thing.to_mjcf())
        for piece in scene.furniture:
            self.worldbody.append(piece.to_mjcf())
        # Drawn in this order: what is behind comes last, and is then mostly hidden, which is cheap.
        workcell.add_room(self.worldbody, scene.lighting)
        workcell.add_camera(self.worldbody, intrinsics, optical_pose)
        option = self.scene.find("option")
        if option is None:
            option = ET.SubElement(self.scene, "option")
        # Elliptic cones with a high ratio keep what is gripped from creeping out of the fingers.
        option.attrib.update(cone="elliptic", impratio="10", timestep=str(_PHYSICS_STEP_S))

    def to_xml(self) -> str:
        """The whole MJCF, as it will be compiled."""
        return ET.tostring(self.scene, encoding="unicode")


def _desk_end_effector(gripper: GripperModel) -> RobotParameters:
    tcp = gripper.flange_to_tcp
    return RobotParameters(
        ee_mass=gripper.mass_kg,
        ee_com=tuple(gripper.center_of_mass_m.tolist()),
        ee_inertia=tuple(gripper.inertia_kg_m2.ravel(order="F").tolist()),
        ee_tcp_xyz=tuple(position_of(tcp).tolist()),
        ee_tcp_rpy=tuple(np.asarray(rotation_of(tcp).as_euler("xyz")).tolist()),
    )
