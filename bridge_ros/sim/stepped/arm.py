"""An FR3 under Cartesian impedance control in a MuJoCo world of our own; implements `Arm`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial.transform import Rotation

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.protocols import ArmState
from bridge_ros.sim.stepped.collision_reflex import ERROR, CollisionReflex

if TYPE_CHECKING:
    import mujoco

    from bridge_ros.sim.world import World

_JOINTS = 7
_TORQUE_LIMITS_NM = np.array([87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0])
_REST_DAMPING = 10.0
_FRICTION_LEFT = 0.2
"""Share of the joints' friction that friction compensation leaves."""


class SteppedArm:
    """What franky's impedance tracker and the robot make of poses, without the wire between them.

    The arm is the first seven degrees of freedom of the world.

    Args:
        world: of which `data` is the state. Its model is changed: see `prepare_arm`.
        settings: the real arm's; its address is of no use here.
        home_joints: `(7,)` [rad] that the elbow is drawn to.
    """

    def __init__(
        self,
        world: World,
        data: mujoco.MjData,
        settings: ArmSettings,
        *,
        home_joints: tuple[float, ...],
    ) -> None:
        import mujoco

        self._mujoco: Any = mujoco
        self._world, self._model, self._data = world, world.model, data
        self._settings = settings
        self._home = np.array(home_joints)
        self._linear = np.zeros((3, world.model.nv))
        self._angular = np.zeros((3, world.model.nv))
        self._scratch = mujoco.MjData(world.model)
        self._pose: tuple[FloatArray, FloatArray] | None = None
        self._twist = np.zeros(6)
        self._torques = np.zeros(_JOINTS)
        self._reflex = CollisionReflex(settings)
        prepare_arm(world)

    def connect(self) -> None:
        """Nothing to reach."""

    def start(self) -> None:
        """See `Arm`."""
        position, rotation = self._world.tcp_frame(self._data)
        self._pose, self._twist = (position, rotation.copy()), np.zeros(6)

    def follow(self, pose: FloatArray, twist: FloatArray) -> None:
        """See `Arm`."""
        if self._pose is not None:
            self._pose = (pose[:3], Rotation.from_quat(pose[3:]).as_matrix())
            self._twist = twist

    def state(self) -> ArmState:
        """See `Arm`."""
        data, tripped = self._data, self._reflex.tripped
        return ArmState(
            joint_positions=data.qpos[:_JOINTS].copy(),
            joint_velocities=data.qvel[:_JOINTS].copy(),
            joint_torques=self._torques.copy(),
            ee_pose=self._world.ee_pose(data),
            mode="reflex" if tripped else "idle" if self._pose is None else "move",
            errors=(ERROR,) if tripped else (),
            in_control=self._pose is not None,
        )

    def pose_of(self, joint_positions: FloatArray) -> FloatArray:
        """See `Arm`."""
        self._scratch.qpos[:_JOINTS] = joint_positions
        self._mujoco.mj_kinematics(self._model, self._scratch)
        return self._world.ee_pose(self._scratch)

    def stop(self) -> None:
        """See `Arm`; the arm then keeps its joints where they are."""
        self._pose = None

    def recover(self) -> bool:
        """See `Arm`."""
        self._reflex.recover()
        return True

    def close(self) -> None:
        """See `Arm`."""
        self._pose = None

    def apply(self) -> None:
        """Set the torques of the next physics step."""
        data = self._data
        velocities = data.qvel[:_JOINTS]
        torques = -_REST_DAMPING * velocities if self._pose is None else self._impedance(velocities)
        # The robot carries its own weight and that of the gripper, but not of what it holds.
        torques = torques + data.qfrc_bias[:_JOINTS]
        self._torques = np.clip(torques, -_TORQUE_LIMITS_NM, _TORQUE_LIMITS_NM)
        data.qfrc_applied[:_JOINTS] = self._torques

    def feel(self, period_s: float) -> None:
        """Let the robot's reflex notice contacts; once a control period, after its physics."""
        position, _ = self._world.tcp_frame(self._data)
        self._reflex.feel(self._model, self._data, self._jacobian(position), period_s)
        if self._reflex.tripped:
            self._pose = None

    def _impedance(self, velocities: FloatArray) -> FloatArray:
        assert self._pose is not None
        settings = self._settings
        position, rotation = self._world.tcp_frame(self._data)
        jacobian = self._jacobian(position)
        clip_m, clip_rad = settings.max_position_error_m, settings.max_rotation_error_rad
        offset = np.clip(self._pose[0] - position, -clip_m, clip_m)
        turn = np.clip(_small_rotation(self._pose[1] @ rotation.T), -clip_rad, clip_rad)
        slower = self._twist - jacobian @ velocities
        wrench = np.concatenate(
            [
                settings.translational_stiffness_n_m * offset
                + settings.translational_damping_ns_m * slower[:3],
                settings.rotational_stiffness_nm_rad * turn
                + settings.rotational_damping_nms_rad * slower[3:],
            ]
        )
        posture = settings.posture_stiffness_nm_rad
        pull = posture * (self._home - self._data.qpos[:_JOINTS])
        pull -= 2.0 * np.sqrt(posture) * velocities
        # J^T (J J^T)^-1 J is what of the pull would be felt at the gripper.
        felt = jacobian.T @ np.linalg.solve(jacobian @ jacobian.T, jacobian @ pull)
        torques: FloatArray = jacobian.T @ wrench + pull - felt
        return torques

    def _jacobian(self, position: FloatArray) -> FloatArray:
        """`(6, 7)` of the tool centre point: linear, then angular, base frame."""
        self._mujoco.mj_jac(
            self._model, self._data, self._linear, self._angular, position, self._world.hand
        )
        return np.concatenate([self._linear[:, :_JOINTS], self._angular[:, :_JOINTS]])


def prepare_arm(world: World) -> None:
    """Let a world's arm be driven by torques alone, and collide only where it may touch things.

    The links' hulls never come near the table in these tasks, and cost much; hand and fingers stay.
    """
    model = world.model
    model.actuator_gainprm[:] = 0.0
    model.actuator_biasprm[:] = 0.0
    model.dof_frictionloss[:_JOINTS] *= _FRICTION_LEFT
    for geom in range(model.ngeom):
        body = model.body(model.geom_bodyid[geom]).name
        if "fr3_link" in body:
            model.geom_contype[geom] = model.geom_conaffinity[geom] = 0


def _small_rotation(matrix: FloatArray) -> FloatArray:
    """The rotation vector `(3,)` of a matrix; beyond a quarter turn only its direction is kept."""
    axis = 0.5 * np.array(
        [
            matrix[2, 1] - matrix[1, 2],
            matrix[0, 2] - matrix[2, 0],
            matrix[1, 0] - matrix[0, 1],
        ]
    )
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        return axis
    angle = float(np.arctan2(sine, (np.trace(matrix) - 1.0) / 2.0))
    return axis * (angle / sine)
