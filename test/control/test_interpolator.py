import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from bridge_ros.control.interpolator import MotionLimits, StreamInterpolator
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import rotation_between

LIMITS = MotionLimits()
START = np.array([0.45, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
STEP_S = 0.005


def pose_at(offset, rotvec):
    rotation = Rotation.from_rotvec(rotvec) * Rotation.from_quat(START[3:])
    return np.concatenate([START[:3] + offset, rotation.as_quat()])


def play(interpolator, events, until_s):
    """Sample every STEP_S while the events (time, callback) happen: poses and twists."""
    poses, twists, pending = [], [], sorted(events, key=lambda event: event[0])
    for now_s in np.arange(0.0, until_s, STEP_S):
        while pending and pending[0][0] <= now_s:
            pending.pop(0)[1](now_s)
        setpoint = interpolator.sample(now_s)
        poses.append(setpoint.pose)
        twists.append(setpoint.twist)
    return np.array(poses), np.array(twists)


def stream(interpolator, poses, arrivals_s):
    return [
        (arrival_s, lambda now_s, k=k, pose=pose: interpolator.follow(pose, 0.05 * k, now_s))
        for k, (pose, arrival_s) in enumerate(zip(poses, arrivals_s, strict=True))
    ]


small = st.floats(-0.028, 0.028)
turn = st.floats(-0.2, 0.2)
walks = st.lists(st.tuples(small, small, small, turn, turn, turn), min_size=1, max_size=12)
lateness = st.lists(st.floats(0.0, 0.03), min_size=12, max_size=12)


def random_stream(steps, late_s):
    """Targets of a random walk, each up to the largest step away from the one before."""
    offset, rotation, poses = np.zeros(3), Rotation.identity(), []
    for step in steps:
        offset = offset + step[:3]
        rotation = Rotation.from_rotvec(step[3:]) * rotation
        poses.append(pose_at(offset, rotation.as_rotvec()))
    arrivals_s = [0.05 * k + late for k, late in zip(range(len(poses)), late_s, strict=False)]
    return poses, arrivals_s


@settings(max_examples=60, deadline=None)
@given(walks, lateness, st.one_of(st.none(), st.floats(0.0, 0.6)))
def test_no_stream_whatever_exceeds_the_limits(steps, late_s, brake_s):
    poses, arrivals_s = random_stream(steps, late_s)
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    events = stream(interpolator, poses, arrivals_s)
    if brake_s is not None:
        events = [event for event in events if event[0] < brake_s]
        events.append((brake_s, interpolator.brake))
    path, twists = play(interpolator, events, 1.5)

    linear, angular = twists[:, :3], twists[:, 3:]
    assert np.linalg.norm(linear, axis=1).max() <= LIMITS.linear_velocity_m_s * 1.001
    assert np.linalg.norm(angular, axis=1).max() <= LIMITS.angular_velocity_rad_s * 1.001
    acceleration = np.diff(linear, axis=0) / STEP_S
    assert np.linalg.norm(acceleration, axis=1).max() <= LIMITS.linear_acceleration_m_s2 * 1.001
    spin_up = np.diff(angular, axis=0) / STEP_S
    assert np.linalg.norm(spin_up, axis=1).max() <= LIMITS.angular_acceleration_rad_s2 * 1.05
    jerk = np.diff(acceleration, axis=0) / STEP_S
    assert np.linalg.norm(jerk, axis=1).max() <= LIMITS.linear_jerk_m_s3 * 1.001
    steps_m = np.linalg.norm(np.diff(path[:, :3], axis=0), axis=1)
    assert steps_m.max() <= LIMITS.linear_velocity_m_s * STEP_S * 1.001


@settings(max_examples=40, deadline=None)
@given(walks, lateness)
def test_twists_are_the_derivative_of_poses(steps, late_s):
    poses, arrivals_s = random_stream(steps, late_s)
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    path, twists = play(interpolator, stream(interpolator, poses, arrivals_s), 1.0)
    middle = 0.5 * (twists[1:] + twists[:-1])
    moved = np.diff(path[:, :3], axis=0) / STEP_S
    rotations = Rotation.from_quat(path[:, 3:])
    turned = (rotations[1:] * rotations[:-1].inv()).as_rotvec() / STEP_S
    np.testing.assert_allclose(moved, middle[:, :3], atol=2e-3)
    np.testing.assert_allclose(turned, middle[:, 3:], atol=2e-2)


@settings(max_examples=40, deadline=None)
@given(walks, lateness)
def test_when_the_stream_ends_the_motion_rests_at_the_last_target(steps, late_s):
    poses, arrivals_s = random_stream(steps, late_s)
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    path, twists = play(interpolator, stream(interpolator, poses, arrivals_s), 3.0)
    np.testing.assert_allclose(path[-1, :3], poses[-1][:3], atol=1e-6)
    assert rotation_between(path[-1], poses[-1]) < 1e-5
    assert not twists[-1].any()
    assert interpolator.sample(3.0).at_rest


@settings(max_examples=40, deadline=None)
@given(walks, lateness, st.floats(0.0, 0.6))
def test_after_braking_nothing_moves_any_more(steps, late_s, brake_s):
    poses, arrivals_s = random_stream(steps, late_s)
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    events = [e for e in stream(interpolator, poses, arrivals_s) if e[0] < brake_s]
    path, twists = play(interpolator, [*events, (brake_s, interpolator.brake)], 2.0)
    resting = int((brake_s + 0.35) / STEP_S) + 1
    assert not twists[resting:].any()
    assert np.ptp(path[resting:], axis=0).max() == 0.0


def test_a_circle_is_followed_a_period_late_and_no_more():
    omega, radius = 2.0 * np.pi / 5.0, 0.05

    def circle(t):
        return pose_at(
            [radius * np.cos(omega * t) - radius, radius * np.sin(omega * t), 0], [0, 0, 0]
        )

    times_s = np.arange(0.0, 4.0, 0.05)
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    path, _ = play(
        interpolator, stream(interpolator, [circle(t) for t in times_s], times_s), times_s[-1]
    )
    late = np.array([circle(t - 0.05) for t in np.arange(len(path)) * STEP_S])
    errors_m = np.linalg.norm(path[:, :3] - late[:, :3], axis=1)
    assert errors_m[200:].max() < 0.001


@pytest.mark.parametrize("missing", [2, 3])
def test_after_a_gap_in_the_stream_it_catches_up_without_a_lurch(missing):
    speed_m_s, direction = 0.2, np.array([0.6, -0.8, 0.0])

    def line(t):
        return pose_at(speed_m_s * t * direction, [0, 0, 0])

    times_s = np.array([0.05 * k for k in range(40) if not 10 <= k < 10 + missing])
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    events = [(t, lambda now_s, t=t: interpolator.follow(line(t), t, now_s)) for t in times_s]
    path, twists = play(interpolator, events, times_s[-1])
    speeds = np.linalg.norm(twists[:, :3], axis=1)
    assert speeds.max() <= 1.001 * (speed_m_s + LIMITS.catch_up_m_s)
    assert np.linalg.norm(path[-1, :3] - line(times_s[-1] - 0.05)[:3]) < 0.002


def test_a_single_target_is_reached_without_overshoot():
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    goal = pose_at([0.04, 0.0, 0.0], [0.0, 0.0, 0.3])
    path, _ = play(interpolator, [(0.0, lambda now_s: interpolator.follow(goal, 0.0, now_s))], 2.0)
    assert path[:, 0].max() <= goal[0] + 1e-9
    assert rotation_between(path[-1], goal) < 1e-6


def test_going_somewhere_far_is_straight_slow_and_ends_at_rest():
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    goal = pose_at([0.1, -0.2, 0.15], [0.0, 2.0, 0.0])
    path, twists = play(
        interpolator, [(0.0, lambda now_s: interpolator.go_to(goal, now_s, 0.3))], 8.0
    )
    speeds = np.linalg.norm(twists[:, :3], axis=1)
    assert speeds.max() <= 0.3 * LIMITS.linear_velocity_m_s * 1.001
    np.testing.assert_allclose(path[-1, :3], goal[:3], atol=1e-6)
    assert rotation_between(path[-1], goal) < 1e-6
    line = (goal - START)[:3]
    offsets = np.cross(path[:, :3] - START[:3], line / np.linalg.norm(line))
    assert np.abs(offsets).max() < 1e-6


def test_at_rest_it_stays_where_it_was_put():
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    interpolator.brake(0.5)
    setpoint = interpolator.sample(10.0)
    np.testing.assert_allclose(setpoint.pose, START, atol=1e-12)
    assert setpoint.at_rest


def test_targets_that_ask_for_more_than_the_limits_are_followed_at_the_limits():
    fast = [pose_at([0.049 * k, 0.0, 0.0], [0, 0, 0]) for k in range(1, 9)]
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    path, twists = play(interpolator, stream(interpolator, fast, 0.05 * np.arange(8)), 3.0)
    assert np.linalg.norm(twists[:, :3], axis=1).max() <= LIMITS.linear_velocity_m_s
    np.testing.assert_allclose(path[-1, :3], fast[-1][:3], atol=1e-6)


def test_what_cannot_be_planned_becomes_a_stop():
    interpolator = StreamInterpolator(LIMITS, START, 0.0)
    fast = [pose_at([0.01 * k, 0.0, 0.0], [0, 0, 0]) for k in range(1, 11)]
    play(interpolator, stream(interpolator, fast, 0.05 * np.arange(10)), 0.5)
    beyond_the_limits = np.full(6, 99.0)
    goal = (fast[-1][:3], fast[-1][3:])
    interpolator._plan(0.5, goal, beyond_the_limits, 0.05)
    before, after = interpolator.sample(0.5), interpolator.sample(1.5)
    assert before.twist[0] > 0.1
    assert not after.twist.any()
    assert np.linalg.norm(after.pose[:3] - before.pose[:3]) < 0.02


@pytest.mark.parametrize(
    "values",
    [{"linear_velocity_m_s": 0.0}, {"angular_jerk_rad_s3": float("inf")}, {"period_s": 0.5}],
)
def test_unusable_limits_are_refused(values):
    with pytest.raises(ConfigError, match="expected"):
        MotionLimits(**values)
