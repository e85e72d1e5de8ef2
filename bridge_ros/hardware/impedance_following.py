"""Follows poses under Cartesian impedance control: torques that yield to contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.geometry.poses import FloatArray, position_of, quaternion_of
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.fr3_kinematics import HIGHEST_RAD, LOWEST_RAD

if TYPE_CHECKING:
    from franky import CartesianImpedanceTracker, Robot

# Joint friction of the FR3 in MuJoCo Menagerie's model: Coulomb [Nm], viscous [Nms/rad].
_COULOMB_NM = (1.137, 1.137, 1.137, 1.137, 0.763, 0.44, 0.248)
_VISCOUS_NMS_RAD = (0.21, 0.21, 0.21, 0.21, 0.21, 0.21, 0.21)


class ImpedanceFollowing:
    """franky's Cartesian impedance tracker; implements `Following`.

    Args:
        home_joints: `(7,)` [rad] that the elbow is drawn to.
    """

    def __init__(self, settings: ArmSettings, home_joints: tuple[float, ...]) -> None:
        self._settings = settings
        self._home_joints = home_joints
        self._tracker: CartesianImpedanceTracker | None = None

    def start(self, robot: Robot) -> None:
        """See `Following`."""
        from franky import CartesianImpedanceTracker, FrictionCompensationParams, PostureTask

        settings = self._settings
        self._tracker = CartesianImpedanceTracker(
            robot,
            translational_stiffness=settings.translational_stiffness_n_m,
            rotational_stiffness=settings.rotational_stiffness_nm_rad,
            damping=np.repeat(
                [settings.translational_damping_ns_m, settings.rotational_damping_nms_rad], 3
            ),
            translational_error_clip=np.full(3, settings.max_position_error_m),
            rotational_error_clip=np.full(3, settings.max_rotation_error_rad),
            posture_task=PostureTask(self._home_joints, settings.posture_stiffness_nm_rad),
            friction=FrictionCompensationParams(
                coulomb=[settings.friction_compensation * value for value in _COULOMB_NM],
                viscous=[settings.friction_compensation * value for value in _VISCOUS_NMS_RAD],
                max_torque=[2.0] * 7,
            ),
            max_delta_tau=settings.max_torque_step_nm,
            lower_joint_limits=LOWEST_RAD,
            upper_joint_limits=HIGHEST_RAD,
        )

    def follow(self, robot: Robot, pose: FloatArray, twist: FloatArray) -> None:
        """See `Following`."""
        from franky import Affine, Twist

        if self._tracker is not None:
            self._tracker.set_target(
                Affine(position_of(pose), quaternion_of(pose)), Twist(twist[:3], twist[3:])
            )

    def stop(self, robot: Robot) -> None:
        """See `Following`."""
        from franky import TorqueStopMotion

        self._tracker = None
        robot.move(TorqueStopMotion(), asynchronous=True)
