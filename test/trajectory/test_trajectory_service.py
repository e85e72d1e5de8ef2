"""TrajectoryService: which plans are fitted, from where, and what is said of the others."""

from dataclasses import dataclass

import numpy as np
import pytest

from bridge_ros.errors import ConfigError, PlanError, StaleObservationError
from bridge_ros.geometry.poses import invert, transform_points
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.status import TrajectoryReason, TrajectoryState
from bridge_ros.trajectory.trajectory_service import TrajectoryService
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

NOW_S = 1000.0
CAMERA = np.array([0.5, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0])
ARM = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])
ELSEWHERE = np.array([0.40, 0.05, 0.40, 1.0, 0.0, 0.0, 0.0])
WAYPOINTS = np.array([[0.50, 0.10, 0.15], [0.50, 0.10, 0.02]])


@dataclass(frozen=True)
class Arm:
    stamp_s: float
    ee_pose: np.ndarray
    gripper_width: float


def plan(waypoints=WAYPOINTS):
    seen = transform_points(invert(CAMERA), waypoints)
    return WaypointPlan(
        waypoints=seen,
        target_pose=np.array([*seen[-1], 0.0, 0.0, 0.0, 1.0]),
        gripper_action=GripperAction.CLOSE,
        approach_width_m=None,
        subgoal="grasp it",
        final=True,
    )


@pytest.fixture
def service():
    service = TrajectoryService(TrajectorySettings(max_plan_age_s=30.0), lambda: CAMERA)
    service.start.observe_arm(Arm(NOW_S, ARM, 0.06))
    return service


def test_a_plan_is_fitted_from_where_the_arm_is(service):
    answer = service.take(plan(), NOW_S - 2.0, NOW_S)
    assert answer.state is TrajectoryState.FITTED
    assert np.allclose(answer.trajectory.poses[0, :3], ARM[:3])
    assert np.allclose(answer.trajectory.poses[-1, :3], WAYPOINTS[-1])
    assert answer.trajectory.gripper_widths[0] == pytest.approx(0.06)
    assert "2 waypoints" in str(answer.cause)


def test_no_plan_withdraws_the_one_before(service):
    answer = service.take(None, 0.0, NOW_S)
    assert (answer.state, answer.trajectory) == (TrajectoryState.IDLE, None)
    assert answer.cause.reason is TrajectoryReason.PLAN_WITHDRAWN


@pytest.mark.parametrize("age_s", [31.0, -2.0])
def test_a_plan_whose_image_is_old_or_from_the_future_is_refused(service, age_s):
    answer = service.take(plan(), NOW_S - age_s, NOW_S)
    assert (answer.state, answer.trajectory) == (TrajectoryState.FAILED, None)
    assert answer.cause.reason is TrajectoryReason.PLAN_OLD


def test_a_plan_is_refused_while_nothing_is_known_of_the_arm(service):
    answer = service.take(plan(), NOW_S + 9.0, NOW_S + 10.0)
    assert answer.cause.reason is TrajectoryReason.START_UNKNOWN
    with pytest.raises(StaleObservationError):
        service.fit(plan(), NOW_S + 10.0, start_pose=None, start_width=0.05)


def test_a_plan_is_refused_while_it_is_not_known_where_the_camera_is():
    def camera_pose():
        raise ConfigError("no static transform")

    service = TrajectoryService(TrajectorySettings(), camera_pose)
    service.start.observe_arm(Arm(NOW_S, ARM, 0.06))
    answer = service.take(plan(), NOW_S, NOW_S)
    assert answer.cause.reason is TrajectoryReason.CAMERA_UNPLACED
    assert "no static transform" in str(answer.cause)


def test_the_figures_count_what_was_fitted_and_refused(service):
    service.take(plan(), NOW_S, NOW_S)
    service.take(None, NOW_S, NOW_S)
    service.take(plan(WAYPOINTS + [1.0, 0.0, 0.0]), NOW_S, NOW_S)
    unreadable = service.refuse(PlanError("nonsense"))
    assert unreadable.cause.reason is TrajectoryReason.MALFORMED
    figures = service.figures()
    assert (figures["fitted"], figures["refused"]) == (1, 2)


@pytest.mark.parametrize(
    ("pose", "width_m", "begins_at", "begins_with_m"),
    [
        (None, None, ARM, 0.06),
        (ELSEWHERE, None, ELSEWHERE, 0.06),
        (None, 0.02, ARM, 0.02),
        (ELSEWHERE, 0.02, ELSEWHERE, 0.02),
    ],
)
def test_a_start_that_is_given_counts(service, pose, width_m, begins_at, begins_with_m):
    trajectory = service.fit(plan(), NOW_S, start_pose=pose, start_width=width_m)
    assert np.allclose(trajectory.poses[0], begins_at)
    assert trajectory.gripper_widths[0] == pytest.approx(begins_with_m)
    assert service.figures()["fitted"] == 0


def test_a_start_that_is_given_in_full_needs_no_arm():
    service = TrajectoryService(TrajectorySettings(), lambda: CAMERA)
    assert service.fit(plan(), NOW_S, start_pose=ARM, start_width=0.05).duration_s > 0.0


def test_without_a_plan_there_is_nothing_to_fit(service):
    with pytest.raises(PlanError, match="no waypoints"):
        service.fit(None, NOW_S, start_pose=ARM, start_width=0.05)
