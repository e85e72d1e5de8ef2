"""What the controller's state means to a task: which reason ends it, and which it waits out."""

from __future__ import annotations

from enum import Enum

from bridge_ros.status.controller import ControllerReason, ControllerState


class Hindrance(Enum):
    """How much the controller's state is in a task's way."""

    NONE = "the controller takes targets, or will do so by itself"
    PASSING = "the task fails if it lasts for `hold_grace_s`"
    LOSS = "the task fails at once if it began in mid-task, and as for PASSING if before"
    BARRED = "the task fails at once"


_HOLDS = {
    # What that node knew of the task is gone when it is back.
    ControllerReason.NODE_ENDED: Hindrance.LOSS,
    ControllerReason.NODE_SILENT: Hindrance.PASSING,
    ControllerReason.GRIPPER_LOST: Hindrance.PASSING,
    ControllerReason.NO_TARGET: Hindrance.NONE,
    ControllerReason.TARGETS_SILENT: Hindrance.NONE,
    ControllerReason.HOME_REACHED: Hindrance.NONE,
}


def hindrance(state: ControllerState, reason: ControllerReason | None) -> Hindrance:
    """What it means to a task that the controller is in a state for a reason.

    Args:
        reason: None where it is not known: a hold counts as one that may pass.
    """
    if not state.may_move:
        return Hindrance.BARRED
    if state is not ControllerState.HOLD:
        return Hindrance.NONE
    return _HOLDS.get(reason, Hindrance.PASSING) if reason else Hindrance.PASSING
