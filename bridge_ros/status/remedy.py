"""What a person has to call before things go on."""

from __future__ import annotations

from bridge_ros.status.cause import Reason
from bridge_ros.status.controller import ControllerReason
from bridge_ros.status.task import TaskReason
from bridge_ros.status.word import Word


class Remedy(Word):
    """Services, by their names."""

    RESUME = "/bridge/resume"
    HOME = "/bridge/home"
    APPROVE = "/bridge/approve"


_REMEDIES: dict[Reason, Remedy] = {
    ControllerReason.ARM_ERROR: Remedy.RESUME,
    ControllerReason.ROBOT_MODE: Remedy.RESUME,
    ControllerReason.MOTION_ENDED: Remedy.RESUME,
    ControllerReason.MOTION_NOT_STARTED: Remedy.RESUME,
    ControllerReason.LOST_IN_MOTION: Remedy.RESUME,
    ControllerReason.STOP_REQUESTED: Remedy.RESUME,
    TaskReason.CANCELED: Remedy.RESUME,
    TaskReason.NOT_SEEN: Remedy.HOME,
    TaskReason.AWAITING_APPROVAL: Remedy.APPROVE,
}


def remedy(reason: Reason | None) -> Remedy | None:
    """The service that the sentence of a reason asks a person to call; None where it asks none."""
    return _REMEDIES.get(reason) if reason is not None else None
