"""What a trajectory may do (velocity, acceleration, timing) and where it may go (workspace)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike

from bridge_ros.errors import PlanError
from bridge_ros.geometry.box import ANYWHERE, Box, Corner
from bridge_ros.settings.ranges import Positive, Range, check_ranges
from bridge_ros.status import TrajectoryReason


@dataclass(frozen=True, kw_only=True)
class TrajectoryLimits:
    """Kinematic limits and timing of a fitted trajectory.

    Attributes:
        max_linear_velocity_m_s, max_linear_acceleration_m_s2: of the tool centre point.
        max_angular_velocity_rad_s, max_angular_acceleration_rad_s2: of its orientation.
        approach_velocity_m_s: top speed on the last stretch before the keypoint: a hand that meets
            something early, where a planner erred, meets it slowly.
        approach_m: length of that stretch.
        smoothing_s: width of the moving average over the time profile; bounds the jerk.
        settle_s: rest at the keypoint before the gripper acts, so that a lagging arm has arrived.
        dwell_s: rest at the keypoint after the gripper was told, so that the fingers can move.
        sample_period_s: spacing of the stored poses.
    """

    max_linear_velocity_m_s: Positive = 0.20
    max_linear_acceleration_m_s2: Positive = 0.50
    max_angular_velocity_rad_s: Positive = 1.0
    max_angular_acceleration_rad_s2: Positive = 2.5
    approach_velocity_m_s: Positive = 0.04
    approach_m: Annotated[float, Range(0.0, 0.2)] = 0.035
    smoothing_s: Annotated[float, Range(0.0, 10.0)] = 0.20
    settle_s: Annotated[float, Range(0.0, 10.0)] = 0.20
    dwell_s: Annotated[float, Range(0.0, 10.0)] = 0.70
    sample_period_s: Positive = 0.02

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where waypoints are accepted: in a box, base frame, within the controller's own.

    Attributes:
        min_m, max_m: opposite corners [m].
        table_height_m: height of the table's top; -inf where there is none.
        table_clearance_m: a waypoint lower than this above the table is refused.
        max_gap_m: two consecutive waypoints farther apart than this are refused.
    """

    min_m: Corner = (0.27, -0.38, 0.0)
    max_m: Corner = (0.73, 0.38, 0.72)
    table_height_m: float = 0.0
    table_clearance_m: float = 0.003
    max_gap_m: Positive = 1.0

    def __post_init__(self) -> None:
        check_ranges(self)
        Box(min_m=self.min_m, max_m=self.max_m)

    @property
    def box(self) -> Box:
        """The box alone, whatever stands in it."""
        return Box(min_m=self.min_m, max_m=self.max_m)

    def check(self, position: ArrayLike, *, name: str) -> None:
        """Refuse a position `(3,)` [m] outside the box or too near the table.

        Raises:
            PlanError: naming `name`, where it is, and what it violates.
        """
        point = np.asarray(position, dtype=np.float64)
        where = f"({point[0]:.3f}, {point[1]:.3f}, {point[2]:.3f}) m in the base frame"
        lowest = self.table_height_m + self.table_clearance_m
        if point[2] < lowest:
            raise PlanError(
                TrajectoryReason.TOO_LOW.because(
                    name=name, where=where, lowest=lowest, clearance=self.table_clearance_m
                )
            )
        if not self.box.contains(point):
            raise PlanError(
                TrajectoryReason.OUTSIDE_WORKSPACE.because(
                    name=name, where=where, low=self.min_m, high=self.max_m
                )
            )


ANY_WORKSPACE = Workspace(
    min_m=ANYWHERE.min_m, max_m=ANYWHERE.max_m, table_height_m=-np.inf, max_gap_m=2.0
)
"""Of trajectories that are only learnt from."""
