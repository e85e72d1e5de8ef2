from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import rotation_between, transform_points
from bridge_ros.lab.evaluation.vlm_noise import NoisyPlanner, load_noise
from bridge_ros.plan import GripperAction, WaypointPlan
from bridge_ros.trajectory import Workspace

INTRINSICS = Intrinsics(width=640, height=480, fx=615.0, fy=615.0, cx=319.5, cy=239.5)
# The camera looks straight down at the table from 0.9 m.
T_BASE_CAMERA = np.array([0.45, 0.0, 0.9, *Rotation.from_euler("x", np.pi).as_quat()])
TARGET = np.array([0.05, 0.02, 0.85, 0.0, 0.0, 0.0, 1.0])
PLAN = WaypointPlan(
    waypoints=np.array([[0.05, 0.02, 0.5], [0.05, 0.02, 0.76], TARGET[:3]]),
    target_pose=TARGET,
    gripper_action=GripperAction.CLOSE,
    approach_width_m=0.1,
    subgoal="grasp",
    final=False,
)


class Fixed:
    def __init__(self, plan):
        self._plan = plan

    def plan(self, rgb, depth_m, intrinsics, instruction, history):
        return self._plan


def perturbed(factor, seed=0, count=1, plan=PLAN, workspace=None):
    rng = np.random.default_rng(seed)
    planner = NoisyPlanner(
        Fixed(plan),
        load_noise().scaled(factor),
        rng,
        T_BASE_CAMERA,
        workspace or Workspace(),
    )
    return [planner.plan(None, None, INTRINSICS, "", ()) for _ in range(count)]


def errors_m(plans):
    return np.array([np.linalg.norm(plan.waypoints[-1] - TARGET[:3]) for plan in plans])


def test_noise_of_scale_0_changes_nothing():
    plan = perturbed(0.0)[0]
    assert np.allclose(plan.waypoints, PLAN.waypoints)
    assert np.allclose(plan.target_pose, PLAN.target_pose)


def test_the_last_waypoint_stays_the_target_s_position():
    for plan in perturbed(1.0, count=20):
        assert np.allclose(plan.waypoints[-1], plan.target_pose[:3])


def test_errors_grow_with_the_scale():
    medians = [np.median(errors_m(perturbed(scale, count=200))) for scale in (0.5, 1.0, 2.0)]
    assert medians[0] < medians[1] < medians[2]


def test_pixels_and_depth_err_as_the_file_says():
    noise = load_noise()
    plans = perturbed(1.0, count=2000)
    depths = np.array([plan.waypoints[-1][2] for plan in plans])
    assert np.percentile(TARGET[2] - depths, 84) == pytest.approx(noise.depth_m, rel=0.15)
    turns = [rotation_between(plan.target_pose, TARGET) for plan in plans]
    sizes = np.sqrt(noise.yaw_rad**2 + 2 * noise.tilt_rad**2)
    assert np.sqrt(np.mean(np.square(turns))) == pytest.approx(sizes, rel=0.1)


def test_the_approach_shares_the_keypoint_s_error_and_the_way_there_does_not():
    plans = perturbed(1.0, count=500)
    target, near, far = (
        np.array([plan.waypoints[i] - PLAN.waypoints[i] for plan in plans])[:, 0] for i in (2, 1, 0)
    )
    assert np.corrcoef(target, near)[0, 1] > 0.5
    assert abs(np.corrcoef(target, far)[0, 1]) < 0.2


def test_no_waypoint_goes_into_the_table():
    for plan in perturbed(3.0, count=200):
        assert transform_points(T_BASE_CAMERA, plan.waypoints)[:, 2].min() > 0.010


def test_what_is_only_moved_errs_less_than_what_is_aimed_at():
    moved = perturbed(1.0, count=500, plan=replace(PLAN, gripper_action=GripperAction.KEEP))
    placed = perturbed(1.0, count=500, plan=replace(PLAN, gripper_action=GripperAction.OPEN))
    share = np.median(errors_m(moved)) / np.median(errors_m(placed))
    assert share == pytest.approx(load_noise().moving_share, rel=0.15)


def test_only_grasps_are_on_the_wrong_spot():
    placed = perturbed(1.0, count=500, plan=replace(PLAN, gripper_action=GripperAction.OPEN))
    assert np.std([p.waypoints[-1][0] for p in placed]) < np.std(
        [p.waypoints[-1][0] for p in perturbed(1.0, count=500)]
    )


def test_a_plan_that_leaves_the_workspace_is_drawn_again():
    # The target is at x = 0.50, near the end of this one.
    short = Workspace(max_m=(0.53, 0.5, 0.8))
    outside = [
        np.mean([plan.waypoints[:, 0].max() + 0.45 > 0.53 for plan in plans])
        for plans in (perturbed(1.0, count=200), perturbed(1.0, count=200, workspace=short))
    ]
    assert outside[0] > 0.05
    assert outside[1] == 0.0


def test_the_same_seed_errs_in_the_same_way():
    first, second = (perturbed(1.0, seed=7, count=3) for _ in range(2))
    assert np.array_equal(first[2].waypoints, second[2].waypoints)


@pytest.mark.parametrize("factor", [-0.1, 3.5, float("nan")])
def test_a_scale_outside_0_to_3_is_refused(factor):
    with pytest.raises(ConfigError, match="expected 0 to 3"):
        load_noise().scaled(factor)
