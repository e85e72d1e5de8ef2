"""What the trajectory node does, free of ROS: which plans it fits, from where, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge_ros.errors import BridgeError, ConfigError, PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import WaypointPlan
from bridge_ros.status import Cause, TrajectoryReason, TrajectoryState, cause_of
from bridge_ros.trajectory.plan_fitting import fit_plan
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory
from bridge_ros.trajectory.start_of_motion import StartOfMotion
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

_CLOCKS_AGREE_S = 1.0


@dataclass(frozen=True, kw_only=True)
class TrajectoryAnswer:
    """What became of a plan.

    Attributes:
        trajectory: None for a plan that was refused, or withdrawn.
    """

    state: TrajectoryState
    cause: Cause[TrajectoryReason]
    trajectory: PoseTrajectory | None = None


class TrajectoryService:
    """Fits plans from where the arm is, or is being sent. Times are seconds since the epoch.

    Args:
        camera_pose: tells where the camera is, `(7,)` in base; raises ConfigError while it does not
            know.

    Attributes:
        start: takes in what is heard of the arm and its targets.
    """

    def __init__(self, settings: TrajectorySettings, camera_pose: Callable[[], FloatArray]) -> None:
        self._settings = settings
        self._camera_pose = camera_pose
        self._fitted = self._refused = 0
        self.start = StartOfMotion(
            max_target_age_s=settings.max_target_age_s, max_state_age_s=settings.max_state_age_s
        )

    def take(self, plan: WaypointPlan | None, stamp_s: float, now_s: float) -> TrajectoryAnswer:
        """Fit the plan that is to be carried out now; None withdraws the one before.

        Args:
            stamp_s: of the image that it was made from.
        """
        if plan is None:
            cause = TrajectoryReason.PLAN_WITHDRAWN.because()
            return TrajectoryAnswer(state=TrajectoryState.IDLE, cause=cause)
        try:
            self._check_age(now_s - stamp_s)
            trajectory = self._fit(plan, *self.start.at(now_s))
        except BridgeError as error:
            return self.refuse(error)
        self._fitted += 1
        cause = TrajectoryReason.FITTED.because(
            waypoints=len(plan.waypoints), duration_s=trajectory.duration_s
        )
        return TrajectoryAnswer(state=TrajectoryState.FITTED, cause=cause, trajectory=trajectory)

    def refuse(self, error: BridgeError) -> TrajectoryAnswer:
        """The answer to a plan that cannot even be read."""
        self._refused += 1
        cause = cause_of(error, TrajectoryReason.MALFORMED)
        return TrajectoryAnswer(state=TrajectoryState.FAILED, cause=cause)

    def fit(
        self,
        plan: WaypointPlan | None,
        now_s: float,
        *,
        start_pose: FloatArray | None,
        start_width: float | None,
    ) -> PoseTrajectory:
        """The trajectory that a plan would have.

        Args:
            start_pose: `(7,)` in base. start_width: [m]. None for either: as for a motion that
                begins now.

        Raises:
            PlanError: naming what is unusable, and why.
            StaleObservationError: if it is not known where a motion would begin.
        """
        if plan is None:
            raise PlanError(TrajectoryReason.NO_WAYPOINTS.because())
        if start_pose is None or start_width is None:
            pose, width = self.start.at(now_s)
            start_pose = pose if start_pose is None else start_pose
            start_width = width if start_width is None else start_width
        return self._fit(plan, start_pose, start_width)

    def figures(self) -> dict[str, object]:
        """For /diagnostics."""
        return {
            "message": f"{self._fitted} plans fitted, {self._refused} refused",
            "fitted": self._fitted,
            "refused": self._refused,
        }

    def _fit(self, plan: WaypointPlan, pose: FloatArray, width_m: float) -> PoseTrajectory:
        try:
            camera_pose = self._camera_pose()
        except ConfigError as error:
            raise PlanError(TrajectoryReason.CAMERA_UNPLACED.because(why=error)) from error
        return fit_plan(plan, camera_pose, pose, width_m, self._settings)

    def _check_age(self, age_s: float) -> None:
        limit_s = self._settings.max_plan_age_s
        if not -_CLOCKS_AGREE_S <= age_s <= limit_s:
            raise PlanError(TrajectoryReason.PLAN_OLD.because(age_s=age_s, limit_s=limit_s))
