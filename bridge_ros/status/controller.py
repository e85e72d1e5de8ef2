"""The controller's states, and every reason to follow, to hold, to stop and to be out of reach."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from bridge_ros.status.cause import Cause, Reason
from bridge_ros.status.word import Word

_MEND = "mend the cause, then call /bridge/resume"


class ControllerState(Word):
    """States on /bridge/status, the first that applies in this order."""

    DISCONNECTED = "disconnected"
    RECOVERING = "recovering"
    FAULT = "fault"
    STOPPED = "stopped"
    HOLD = "hold"
    ACTIVE = "active"
    IDLE = "idle"

    @property
    def may_move(self) -> bool:
        """Whether nothing lost or latched forbids motion."""
        return self in (ControllerState.HOLD, ControllerState.ACTIVE, ControllerState.IDLE)

    @property
    def held(self) -> bool:
        """Whether nothing is followed for a cause."""
        return self not in (ControllerState.ACTIVE, ControllerState.IDLE)


class ControllerReason(Reason):
    """Why the controller is in its state."""

    NOT_CONNECTED = "not_connected", "arm not reached: not connected yet; trying again"
    ARM_NOT_REACHED = "arm_not_reached", "arm not reached: {why}; trying again"
    ARM_SILENT = (
        "arm_silent",
        "arm not reached: no answer for more than {silent_s:g} s; trying again",
    )

    LEAVING_FAULT = "leaving_fault", "leaving the fault"

    ARM_ERROR = "arm_error", f"{{errors}}; {_MEND}"
    ROBOT_MODE = "robot_mode", f"the robot is in mode {{mode!r}}; {_MEND}"
    MOTION_ENDED = "motion_ended", f"the arm no longer carries out our motion; {_MEND}"
    MOTION_NOT_STARTED = "motion_not_started", f"{{why}}; {_MEND}"
    LOST_IN_MOTION = "lost_in_motion", f"the connection was lost in motion ({{why}}); {_MEND}"

    STOP_REQUESTED = "stop_requested", "stopped on request; /bridge/resume allows motion again"

    NODE_ENDED = "node_ended", "waiting for the {node} node, which has ended"
    NODE_SILENT = "node_silent", "waiting for the {node} node, which is not heard"
    GRIPPER_LOST = "gripper_lost", "gripper lost ({why})"

    NO_TARGET = "no_target", "no target"
    TARGETS_SILENT = (
        "targets_silent",
        "no target for {silence_ms:.0f} ms; a fresh one resumes motion",
    )
    HOME_REACHED = "home_reached", "no target; home is reached"

    GOING_HOME = "going_home", "going home"
    FOLLOWING_TARGETS = "following_targets", "following targets"

    READY = "ready", "ready for targets"


class Absence(Enum):
    """How a node that should be alive is missing."""

    ENDED = ControllerReason.NODE_ENDED
    """Its process has ended."""
    SILENT = ControllerReason.NODE_SILENT
    """It is not heard, whatever its process does."""

    def of(self, node: str) -> Cause[ControllerReason]:
        """Why targets are refused while that node is missing so."""
        return self.value.because(node=node)


_GRAVEST_FIRST = (
    ControllerReason.NODE_ENDED,
    ControllerReason.NODE_SILENT,
    ControllerReason.GRIPPER_LOST,
)


def held_for(blockers: Sequence[Cause[ControllerReason]]) -> Cause[ControllerReason]:
    """One cause for all that keeps targets from being followed; its reason is the gravest one."""
    reasons = [blocker.reason for blocker in blockers]
    message = "; ".join(blocker.message for blocker in blockers)
    return Cause(
        reason=next(reason for reason in _GRAVEST_FIRST if reason in reasons),
        message=f"{message}; targets are refused until that is mended",
    )
