"""The robot state that the FCI sends every millisecond, kept in its packed form.

franky-sim derives all of it anew each time, and packs it from its parts, which takes half of that
millisecond. Most parts change on command only; the others are written in place, and those that mean
nothing of their own under torque control are derived when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from franky_sim.base_simulator import InnerRobotState, TrackedStateComponent

_LAYOUT = np.dtype(
    [
        ("O_T_EE", "<f4", 16),
        ("O_T_EE_d", "<f4", 16),
        ("F_T_EE", "<f4", 16),
        ("EE_T_K", "<f4", 16),
        ("F_T_NE", "<f4", 16),
        ("NE_T_EE", "<f4", 16),
        ("load", "<f4", 26),
        ("elbow", "<f4", 2),
        ("elbow_d", "<f4", 2),
        ("tau_J", "<f4", 7),
        ("tau_J_d", "<f4", 7),
        ("dtau_J", "<f4", 7),
        ("q", "<f4", 7),
        ("q_d", "<f4", 7),
        ("dq", "<f4", 7),
        ("dq_d", "<f4", 7),
        ("ddq_d", "<f4", 7),
        ("contact_and_collision", "<f4", 26),
        ("tau_ext_hat_filtered", "<f4", 7),
        ("F_ext_hat_K", "<f4", 12),
        ("O_dP_EE_d", "<f4", 6),
        ("O_ddP_O", "<f4", 3),
        ("elbow_c", "<f4", 2),
        ("delbow_c", "<f4", 2),
        ("ddelbow_c", "<f4", 2),
        ("O_T_EE_c", "<f4", 16),
        ("O_dP_EE_c", "<f4", 6),
        ("O_ddP_EE_c", "<f4", 6),
        ("motors_and_accelerometers", "<f4", 50),
        ("modes_and_errors", "u1", 85),
        ("control_command_success_rate", "<f4"),
    ]
)
"""As libfranka's research interface has it, in franky-sim's order."""


_STEERED = ("q_d", "dq_d", "elbow_c", "delbow_c", "ddelbow_c", "O_T_EE_c", "O_dP_EE_c")
"""What a client may command instead of torques."""


class StatePacket:
    """One robot's state in the FCI's layout.

    It takes the place of the robot's component `tau_J` during a step, which is told the torques and
    then that the step is over.

    Args:
        components: the robot's derived quantities, which tell their values in every step.
        kinematics: pose of the tool, a `pinocchio.SE3`, for joint angles `(7,)`.
        twist: `(6,)` of the tool, for joint angles and velocities.
    """

    def __init__(
        self,
        components: Mapping[str, TrackedStateComponent[Any]],
        kinematics: Callable[[np.ndarray], Any],
        twist: Callable[[np.ndarray, np.ndarray], np.ndarray],
    ) -> None:
        self._components, self._kinematics, self._twist = components, kinematics, twist
        self._fields = np.zeros((), dtype=_LAYOUT)
        self._rates = _Derivative()
        self._left: tuple[float, InnerRobotState] | None = None
        for name, component in components.items():
            if "fd" in component.observers and not name.startswith("O_T_"):
                component.observers["fd"] = _Derivative()
            component.observers["packet"] = _writer(self._fields[name], name.startswith("O_T_"))

    def set(self, time_s: float, torques: np.ndarray) -> None:
        """Before `finalize`: `(7,)` measured torques [Nm]."""
        self._components["tau_J"].set(time_s, torques)

    def finalize(self, time_s: float, state: InnerRobotState) -> None:
        """A step is over."""
        self._left = (time_s, state)
        if any(self._components[name].has_explicit_value(time_s) for name in _STEERED):
            self.complete()
        else:
            self._components["tau_J_d"].finalize(time_s, state)
            self._follow_torques(time_s, state)
        self._add_joints(state)

    def complete(self) -> None:
        """Derive what the last step has left."""
        if self._left is not None:
            for component in self._components.values():
                component.finalize(*self._left)
            self._left = None

    def replace(self, packed: bytes) -> None:
        """Take over all fields, those that change on command among them."""
        self._fields[()] = np.frombuffer(packed, dtype=_LAYOUT)[0]

    def to_bytes(self) -> bytes:
        """The state as it goes over the wire."""
        return self._fields.tobytes()

    def _follow_torques(self, time_s: float, state: InnerRobotState) -> None:
        """Nothing but torques was commanded: what is desired is what is."""
        q, dq, tau = np.array(state.q), np.array(state.dq), np.array(state.tau_j)
        pose = self._kinematics(q).homogeneous.ravel(order="F")
        twist = self._twist(q, dq)
        self._rates(time_s, np.concatenate([dq, tau, twist]))
        rates = self._rates.last_derivative
        fields = self._fields
        for name in ("O_T_EE", "O_T_EE_d", "O_T_EE_c"):
            fields[name] = pose
        fields["tau_J"], fields["dtau_J"] = tau, rates[7:14]
        fields["q_d"], fields["ddq_d"] = q, rates[:7]
        fields["dq"] = fields["dq_d"] = dq
        fields["O_dP_EE_d"] = fields["O_dP_EE_c"] = twist
        fields["O_ddP_EE_c"] = rates[14:]
        fields["elbow_c"] = q[2], np.sign(q[3])
        fields["delbow_c"], fields["ddelbow_c"] = (rates[2], 0.0), (dq[2], 0.0)

    def _add_joints(self, state: InnerRobotState) -> None:
        """What no component tells."""
        fields = self._fields
        fields["q"], fields["tau_ext_hat_filtered"] = state.q, state.tau_j
        for elbow, joints in (("elbow", "q"), ("elbow_d", "q_d")):
            fields[elbow] = fields[joints][2], 1.0 if fields[joints][3] > 0.0 else -1.0


def _writer(field: np.ndarray, is_pose: bool) -> Callable[[float, Any], None]:
    """Writes a component's value, an array or a `pinocchio.SE3`, to its field."""

    def write(_: float, value: Any) -> None:
        field[:] = value.homogeneous.ravel(order="F") if is_pose else value

    return write


class _Derivative:
    """franky-sim's FiniteDifferenceTracker, number for number, in a third of its time."""

    def __init__(self, alpha: float = 0.95) -> None:
        self._alpha = alpha
        self._time_s = 0.0
        self._value: np.ndarray | None = None
        self.last_derivative = np.zeros(0)

    def __call__(self, time_s: float, value: np.ndarray) -> None:
        if self._value is None:
            self._value = np.zeros(len(value))
            self.last_derivative = np.zeros(len(value))
        else:
            step = value - self._value
            step /= time_s - self._time_s
            step *= 1.0 - self._alpha
            self.last_derivative *= self._alpha
            self.last_derivative += step
        self._value[:] = value
        self._time_s = time_s
