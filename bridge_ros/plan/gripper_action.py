"""GripperAction: what the gripper does at the end of a stage."""

from __future__ import annotations

from enum import IntEnum

from bridge_ros.errors import PlanError


class GripperAction(IntEnum):
    """What the gripper does at a keypoint; the numbers are those of WaypointPlan.msg."""

    KEEP = 0
    OPEN = 1
    CLOSE = 2

    @classmethod
    def of(cls, number: int) -> GripperAction:
        """The action of a number.

        Raises:
            PlanError: if there is none.
        """
        try:
            return cls(number)
        except ValueError as error:
            known = ", ".join(f"{action.value} ({action.name.lower()})" for action in cls)
            raise PlanError(f"gripper_action: expected one of {known}, got {number}") from error
