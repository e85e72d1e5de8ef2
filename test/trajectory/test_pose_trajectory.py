"""PoseTrajectory: smooth, bounded, at rest at both ends, and strict about what it is made from."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bridge_ros.errors import PlanError
from bridge_ros.geometry.poses import rotation_between
from bridge_ros.trajectory import PoseTrajectory, TrajectoryLimits, Workspace

DOWN = np.array([1.0, 0.0, 0.0, 0.0])
START = np.array([0.35, 0.0, 0.45, *DOWN])
LIMITS = TrajectoryLimits()
WIDTHS = {"start_width": 0.05, "approach_width": 0.08, "end_width": 0.0}

points = st.tuples(st.floats(0.3, 0.7), st.floats(-0.3, 0.3), st.floats(0.01, 0.6))
rotations = st.tuples(*[st.floats(-1.5, 1.5)] * 3)


def turned(rotvec):
    return (Rotation.from_quat(DOWN) * Rotation.from_rotvec(rotvec)).as_quat()


def pose(position, rotvec=(0.0, 0.0, 0.0)):
    return np.array([*position, *turned(rotvec)])


@st.composite
def plans(draw):
    corners = [np.array(draw(points)) for _ in range(draw(st.integers(2, 6)))]
    spaced = [corners[0]]
    for corner in corners[1:]:
        if np.linalg.norm(corner - spaced[-1]) > 0.02:
            spaced.append(corner)
    if len(spaced) == 1:
        spaced.append(spaced[0] + [0.0, 0.0, 0.1])
    start = pose(spaced[0], draw(rotations))
    return start, np.array(spaced[1:]), pose(spaced[-1], draw(rotations))


def rates(trajectory, period_s=0.05):
    """Linear and angular velocities (T, 3) of the targets that a 20 Hz loop would sample."""
    poses, _ = trajectory.guidance(0.0, int(trajectory.duration_s / period_s) + 2, period_s)
    turn = Rotation.from_quat(poses[:, 3:])
    angular = turn[:-1].apply((turn[:-1].inv() * turn[1:]).as_rotvec())
    return np.diff(poses[:, :3], axis=0) / period_s, angular / period_s


BACK = pose([0.5, 0.0, 0.5625])
"""Out and back the same way: the path has a point where it turns round."""


@settings(max_examples=40, deadline=None)
@given(plans())
@example((BACK, np.array([[0.375, 0.28125, 0.5], BACK[:3]]), BACK))
def test_it_obeys_velocity_and_acceleration_limits_and_rests_at_both_ends(plan):
    start, waypoints, target = plan
    trajectory = PoseTrajectory.fit(start, waypoints, target, **WIDTHS)
    for rate, top, top_change in zip(
        rates(trajectory),
        (LIMITS.max_linear_velocity_m_s, LIMITS.max_angular_velocity_rad_s),
        (LIMITS.max_linear_acceleration_m_s2, LIMITS.max_angular_acceleration_rad_s2),
        strict=True,
    ):
        assert np.linalg.norm(rate, axis=1).max() <= top * 1.001
        at_rest = np.zeros((1, 3))
        change = np.diff(np.concatenate([at_rest, rate, at_rest]), axis=0) / 0.05
        assert np.linalg.norm(change, axis=1).max() <= top_change * 1.10
        assert np.linalg.norm(rate[0]) <= top_change * 0.05
        assert np.linalg.norm(rate[-1]) < 1e-6


@settings(max_examples=40, deadline=None)
@given(plans())
def test_it_goes_through_its_waypoints_and_never_far_from_the_lines_between_them(plan):
    start, waypoints, target = plan
    trajectory = PoseTrajectory.fit(start, waypoints, target, **WIDTHS)
    corners = np.concatenate([start[None, :3], waypoints])
    spans = np.diff(corners, axis=0)
    offsets = trajectory.poses[:, None, :3] - corners[:-1]
    along = np.clip((offsets * spans).sum(-1) / (spans * spans).sum(-1), 0.0, 1.0)
    distance = np.linalg.norm(offsets - along[..., None] * spans, axis=-1).min(axis=1)
    assert distance.max() < 0.005
    assert trajectory.poses[:, 2].min() > corners[:, 2].min() - 0.005
    for waypoint in waypoints:
        assert np.linalg.norm(trajectory.poses[:, :3] - waypoint, axis=1).min() < 0.004
    assert np.allclose(trajectory.poses[0], start, atol=1e-6) or np.allclose(
        trajectory.poses[0, 3:], -start[3:], atol=1e-6
    )
    assert np.allclose(trajectory.poses[-1, :3], target[:3], atol=1e-9)
    assert rotation_between(trajectory.poses[-1], target) < 1e-6


@settings(max_examples=40, deadline=None)
@given(plans())
def test_what_is_met_early_is_met_slowly(plan):
    trajectory = PoseTrajectory.fit(*plan, **WIDTHS)
    linear, _ = rates(trajectory)
    speeds = np.linalg.norm(linear, axis=1)
    to_go = np.cumsum(speeds[::-1])[::-1] * 0.05
    # The moving average over time still brakes on the first millimetres of the stretch.
    last = to_go < LIMITS.approach_m - 0.010
    assert speeds[last].max() <= 1.25 * LIMITS.approach_velocity_m_s


def test_the_final_approach_keeps_the_target_s_orientation():
    target = pose((0.5, 0.1, 0.02), (0.0, 0.3, 1.2))
    waypoints = [[0.5, 0.1, 0.15], [0.5, 0.1, 0.02]]
    trajectory = PoseTrajectory.fit(START, waypoints, target, **WIDTHS)
    approach = trajectory.poses[trajectory.poses[:, 2] < 0.145]
    assert len(approach) > 20
    assert max(rotation_between(p, target) for p in approach) < 1e-3


def test_orientations_at_waypoints_are_passed_on_the_way():
    middle = pose((0.5, 0.0, 0.4), (0.5, 0.0, 0.0))
    end = pose((0.5, 0.2, 0.3), (0.0, 0.0, 0.8))
    way = [middle, pose((0.5, 0.1, 0.4)), end]
    trajectory = PoseTrajectory.fit(START, np.array(way), **WIDTHS)
    nearest = np.linalg.norm(trajectory.poses[:, :3] - middle[:3], axis=1).argmin()
    assert rotation_between(trajectory.poses[nearest], middle) < 0.05
    assert rotation_between(trajectory.poses[-1], end) < 1e-6


def test_the_gripper_opens_early_and_acts_only_at_rest_with_time_to_do_so():
    target = pose((0.5, 0.1, 0.02))
    trajectory = PoseTrajectory.fit(START, [[0.5, 0.1, 0.02]], target, **WIDTHS)
    assert trajectory.gripper_widths[0] == 0.08
    acts_at = trajectory.times_s[np.flatnonzero(trajectory.gripper_widths == 0.0)[0]]
    still_from = trajectory.times_s[
        np.flatnonzero(np.linalg.norm(trajectory.poses[:, :3] - target[:3], axis=1) < 1e-6)[0]
    ]
    assert acts_at - still_from >= LIMITS.settle_s - 0.05
    assert trajectory.duration_s - acts_at >= LIMITS.dwell_s - 0.03
    assert set(trajectory.gripper_widths) == {0.08, 0.0}


def test_a_plan_that_only_turns_or_only_acts_is_carried_out_on_the_spot():
    turn = PoseTrajectory.fit(START, [START[:3]], pose(START[:3], (0, 0, 1.0)), **WIDTHS)
    assert np.allclose(turn.poses[:, :3], START[:3])
    assert turn.duration_s > 1.0
    act = PoseTrajectory.fit(START, [START[:3]], START, **WIDTHS)
    assert np.allclose(act.poses, START)
    assert act.gripper_widths[-1] == 0.0


def test_sampling_holds_the_ends_and_agrees_with_guidance():
    trajectory = PoseTrajectory.fit(START, [[0.5, 0.1, 0.2]], **WIDTHS)
    assert np.allclose(trajectory.sample(-1.0)[0], START)
    assert trajectory.sample(99.0)[1] == 0.0
    poses, widths = trajectory.guidance(1.0, 5, 0.05)
    for i in range(5):
        pose_i, width_i = trajectory.sample(1.0 + 0.05 * i)
        assert np.allclose(poses[i], pose_i)
        assert widths[i] == width_i


GOOD = np.array([0.5, 0.1, 0.2])


@pytest.mark.parametrize(
    ("waypoints", "target", "reason"),
    [
        ([], None, "no waypoints"),
        ([GOOD, [0.5, np.nan, 0.2]], None, "waypoint 2 of 2 is not finite"),
        ([GOOD, GOOD], None, "waypoint 2 of 2 repeats waypoint 1 of 2"),
        ([GOOD, [0.5, 0.1, -0.05]], None, "waypoint 2 of 2 .* too low"),
        ([[1.5, 0.1, 0.2], GOOD], None, "waypoint 1 of 2 .* outside the workspace"),
        ([GOOD], pose((0.5, 0.2, 0.2)), "100.0 mm from the target pose"),
        ([[0.72, -0.37, 0.70], [0.28, 0.37, 0.02]], None, "waypoint 2 of 2 is 1.1"),
        ([GOOD], np.full(7, np.nan), "target pose"),
        ([GOOD] * 100, None, "100 waypoints"),
        ([[0.5, 0.1]], None, r"\(N, 3\) or \(N, 7\)"),
        ([["a", "b", "c"]], None, "expected numbers"),
        ([[*GOOD, 0, 0, 0, 0]], None, "unit quaternion"),
    ],
)
def test_unusable_plans_are_refused_and_the_text_says_which_waypoint_and_why(
    waypoints, target, reason
):
    with pytest.raises(PlanError, match=reason):
        PoseTrajectory.fit(START, waypoints, target, **WIDTHS)


def test_another_table_height_is_a_setting():
    low = Workspace(min_m=(0.2, -0.5, -0.4), table_height_m=-0.3)
    trajectory = PoseTrajectory.fit(START, [[0.5, 0.0, -0.2]], workspace=low, **WIDTHS)
    assert trajectory.poses[-1, 2] == pytest.approx(-0.2)
    with pytest.raises(PlanError, match="too low"):
        PoseTrajectory.fit(START, [[0.5, 0.0, -0.299]], workspace=low, **WIDTHS)


@pytest.mark.parametrize(
    "change",
    [
        {"times_s": np.array([0.0, 0.0])},
        {"times_s": np.array([1.0, 2.0])},
        {"poses": np.zeros((2, 7))},
        {"poses": np.full((2, 7), np.nan)},
        {"gripper_widths": np.zeros(3)},
    ],
)
def test_arrays_that_are_no_trajectory_are_refused(change):
    good = {
        "times_s": np.array([0.0, 1.0]),
        "poses": np.stack([START, START]),
        "gripper_widths": np.zeros(2),
    }
    with pytest.raises(PlanError):
        PoseTrajectory(**(good | change))
