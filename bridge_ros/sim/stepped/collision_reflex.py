"""The robot's collision reflex: it stops when contacts push harder than its thresholds allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.arm_settings import ArmSettings

if TYPE_CHECKING:
    import mujoco

ERROR = "cartesian_reflex"
"""The robot's own name for it."""

_JOINTS = 7
_SMOOTHING_S = 0.10
"""Of the estimate: the blow of a first touch, which soft fingers and the wrist take up, is none."""


class CollisionReflex:
    """Estimates what contacts do to the arm, and latches when it is too much.

    Args:
        settings: of the arm, for the thresholds.
    """

    def __init__(self, settings: ArmSettings) -> None:
        self._torque_nm = settings.collision_torque_nm
        self._force_n = settings.collision_force_n
        self._torques: FloatArray = np.zeros(_JOINTS)
        self.tripped = False

    def feel(
        self, model: mujoco.MjModel, data: mujoco.MjData, jacobian: FloatArray, period_s: float
    ) -> None:
        """Take in the contacts of this moment; at a steady rate, after a physics step.

        Args:
            jacobian: `(6, 7)` of the tool centre point, base frame: linear, then angular.
            period_s: since the last call.
        """
        share = min(1.0, period_s / _SMOOTHING_S)
        self._torques += share * (_contact_torques(model, data) - self._torques)
        force = np.linalg.lstsq(jacobian.T, self._torques, rcond=None)[0][:3]
        too_much = (
            np.abs(self._torques).max() > self._torque_nm or np.abs(force).max() > self._force_n
        )
        self.tripped = self.tripped or bool(too_much)

    def recover(self) -> None:
        """Forget what was felt."""
        self._torques = np.zeros(_JOINTS)
        self.tripped = False


def _contact_torques(model: mujoco.MjModel, data: mujoco.MjData) -> FloatArray:
    """`(7,)` [Nm] of all constraints but the joints' own friction."""
    import mujoco

    torques = data.qfrc_constraint[:_JOINTS].copy()
    friction = data.efc_type[: data.nefc] == mujoco.mjtConstraint.mjCNSTR_FRICTION_DOF
    joints = data.efc_id[: data.nefc][friction]
    of_arm = joints < _JOINTS
    torques[joints[of_arm]] -= data.efc_force[: data.nefc][friction][of_arm]
    return np.asarray(torques)
