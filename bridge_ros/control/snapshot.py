"""What the controller last saw and did, for whoever reports it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.protocols import ArmState, GripperState
from bridge_ros.status import Cause, ControllerReason, ControllerState


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The outcome of one step of the controller; complete in itself, so any thread may read it.

    Attributes:
        cause: of the state.
        arm, gripper: None while there is no measurement.
        gripper_trouble: why there is none of the gripper.
        commanded: `(7,)` pose last sent to the arm, base frame; None while no motion runs.
        accepted, refused: counts of targets, the latter by the value of `Refusal`.
        last_refusal: what was wrong with the last refused target.
        silence_holds: how often the targets' silence made the arm hold.
    """

    state: ControllerState
    cause: Cause[ControllerReason]
    arm: ArmState | None = None
    gripper: GripperState | None = None
    gripper_trouble: str = ""
    commanded: FloatArray | None = None
    accepted: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    last_refusal: str = ""
    silence_holds: int = 0

    def outdated_by(self, arm_silent_s: float) -> Snapshot:
        """What is left of it once the arm has kept the next step waiting for so long."""
        if self.state in (ControllerState.DISCONNECTED, ControllerState.RECOVERING):
            return self
        return replace(
            self,
            state=ControllerState.DISCONNECTED,
            cause=ControllerReason.ARM_SILENT.because(silent_s=arm_silent_s),
            arm=None,
        )
