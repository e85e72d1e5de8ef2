"""GuidanceClock: the guidance moves with the arm and waits for it."""

import numpy as np
import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.trajectory import GuidanceClock, GuidanceSettings, PoseTrajectory

START = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])


@pytest.fixture
def trajectory():
    return PoseTrajectory.fit(START, [[0.5, 0.2, 0.2]], start_width=0.05, end_width=0.0)


def test_it_advances_one_period_for_every_target_while_the_arm_follows(trajectory):
    clock = GuidanceClock(trajectory)
    for step in range(20):
        assert clock.time_s == pytest.approx(0.05 * step)
        pose, _ = trajectory.sample(clock.time_s)
        clock.advance(0.05, pose)


def test_it_never_runs_away_from_an_arm_that_is_held(trajectory):
    clock = GuidanceClock(trajectory)
    for _ in range(400):
        clock.advance(0.05, START)
    pose, _ = trajectory.sample(clock.time_s)
    assert np.linalg.norm(pose[:3] - START[:3]) <= GuidanceSettings().stop_at_m + 0.001
    assert not clock.ended
    poses, _ = clock.guidance(10, 0.05)
    assert np.linalg.norm(np.diff(poses[:, :3], axis=0), axis=1).max() < 0.001


def test_it_goes_on_once_the_arm_is_let_go_and_ends_with_the_trajectory(trajectory):
    clock = GuidanceClock(trajectory)
    for _ in range(100):
        clock.advance(0.05, START)
    for _ in range(400):
        pose, _ = trajectory.sample(clock.time_s)
        clock.advance(0.05, pose)
    assert clock.ended
    assert clock.progress == 1.0
    assert clock.time_s == trajectory.duration_s


def test_guidance_is_that_of_the_trajectory_from_now_on(trajectory):
    clock = GuidanceClock(trajectory)
    clock.advance(0.5, START)
    poses, widths = clock.guidance(10, 0.05, ahead_s=0.02)
    expected, expected_widths = trajectory.guidance(0.52, 10, 0.05)
    assert np.allclose(poses, expected)
    assert np.allclose(widths, expected_widths)


def test_settings_say_what_was_expected():
    with pytest.raises(ConfigError, match="stop_at_m: expected more than slow_at_m, 0.2, got 0.1"):
        GuidanceSettings(slow_at_m=0.2)
