"""What the expert is told to follow."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import BridgeError
from bridge_ros.plan import GripperAction
from bridge_ros.trajectory import PoseTrajectory


@dataclass(frozen=True, kw_only=True)
class StageOrder:
    """One trajectory message: which stage is to be followed from now on.

    Attributes:
        plan_id, stage: of which plan it is.
        stamp_s: when it was made.
        motion: the trajectory, and what the gripper does at its end; None: nothing is to be
            followed any more.
        unusable: why there is no motion although one was meant.
    """

    plan_id: str = ""
    stage: int = 0
    stamp_s: float = 0.0
    motion: tuple[PoseTrajectory, GripperAction] | None = None
    unusable: BridgeError | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it withdraws what was ordered before."""
        return self.motion is None and self.unusable is None
