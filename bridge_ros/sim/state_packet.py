"""The robot state that the FCI sends every millisecond, kept in its packed form.

franky-sim packs it anew from all its parts each time, which takes a quarter of that millisecond.
Most of them change on command only; the others are written in place as the simulation makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from franky_sim.base_simulator import TrackedStateComponent

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


class StatePacket:
    """One robot's state in the FCI's layout.

    Args:
        components: the robot's derived quantities, which tell their values in every step.
    """

    def __init__(self, components: Mapping[str, TrackedStateComponent[Any]]) -> None:
        self._fields = np.zeros((), dtype=_LAYOUT)
        for name, component in components.items():
            if "fd" in component.observers and not name.startswith("O_T_"):
                component.observers["fd"] = _Derivative()
            component.observers["packet"] = _writer(self._fields[name], name.startswith("O_T_"))

    def update(self, q: Sequence[float]) -> None:
        """Add what no component tells. Args: q: seven joint angles [rad]."""
        fields = self._fields
        fields["q"] = q
        fields["tau_ext_hat_filtered"] = fields["tau_J"]
        for elbow, joints in (("elbow", "q"), ("elbow_d", "q_d")):
            fields[elbow] = fields[joints][2], 1.0 if fields[joints][3] > 0.0 else -1.0

    def replace(self, packed: bytes) -> None:
        """Take over all fields, those that change on command among them."""
        self._fields[()] = np.frombuffer(packed, dtype=_LAYOUT)[0]

    def to_bytes(self) -> bytes:
        """The state as it goes over the wire."""
        return self._fields.tobytes()


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
