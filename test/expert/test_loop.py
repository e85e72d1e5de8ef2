"""ExpertLoop: from trajectory to targets, with time as an argument."""

import numpy as np
import pytest

from bridge_ros.errors import (
    ConfigError,
    ObservationError,
    PlanError,
    StaleObservationError,
    TargetRefusedError,
)
from bridge_ros.expert import ActionChunk
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.loop import ArmObservation, ExpertLoop, ExpertLoopSettings
from bridge_ros.expert.worker import InlineWorker
from bridge_ros.geometry.poses import interpolate
from bridge_ros.plan import GripperAction
from bridge_ros.status import ExpertReason, ExpertState, StageOutcome

STOPPED = ExpertReason.CONTROLLER_UNWILLING.because(state="stopped", why="on request")

PERIOD = 0.05
NO_POINTS = np.empty((0, 3), np.float32)


def follow_guidance(observation):
    """The policy that is right whatever the cloud: the guidance itself."""
    return ActionChunk(
        poses=observation.guidance_poses[1:17], gripper_widths=observation.guidance_widths[1:17]
    )


class SlowWorker(InlineWorker):
    """Hands its results over a number of polls later, as a busy machine does."""

    def __init__(self, delay):
        super().__init__()
        self._delay, self._left = delay, 0

    @property
    def busy(self):
        return self._left > 0

    def submit(self, job):
        super().submit(job)
        self._left = self._delay

    def poll(self):
        self._left -= 1
        return super().poll() if self._left <= 0 else None


class Bench:
    """A loop with an arm that lags behind its targets and fingers that meet a thing."""

    def __init__(self, trajectory, policy=follow_guidance, worker=None, settings=None):
        self.trajectory = trajectory
        self.seen = []
        self.policy = policy
        self.loop = ExpertLoop(self.predict, worker or InlineWorker(), settings)
        self.now = 1000.0
        self.pose, _ = trajectory.sample(0.0)
        self.target, self.width, self.thing_m = self.pose, 0.05, 0.0
        self.with_camera = self.with_arm = self.held = False
        self.targets, self.errors = [], []
        self.measure(with_camera=True, with_arm=True)

    def predict(self, observation):
        self.seen.append(observation)
        return self.policy(observation)

    def measure(self, with_camera, with_arm):
        if with_arm:
            arm = ArmObservation(
                stamp_s=self.now,
                ee_pose=self.pose,
                joint_positions=None,
                gripper_width=self.width,
            )
            self.loop.observe_arm(arm)
        if with_camera:
            self.loop.observe_cloud(self.now - 0.06, lambda: NO_POINTS, self.now)

    def start(self, action=GripperAction.CLOSE):
        self.loop.follow(self.trajectory, action, self.now)
        return self

    def run(self, seconds, with_camera=True, with_arm=True, held=False):
        for _ in range(round(seconds / PERIOD)):
            self.now += PERIOD
            if not held:
                self.pose = interpolate(self.pose, self.target, 0.6)
            self.measure(with_camera, with_arm)
            try:
                target = self.loop.step(self.now)
            except (ObservationError, TargetRefusedError) as error:
                self.errors.append(error)
                continue
            if target is not None:
                self.targets.append(target)
                self.target = target.pose
                self.width = max(target.gripper_width, self.thing_m)
        return self


@pytest.fixture
def bench(trajectory):
    return Bench(trajectory)


def positions(bench):
    return np.array([target.pose[:3] for target in bench.targets])


def test_it_follows_to_the_end_acts_there_and_goes_on_giving_the_last_target(bench):
    bench.thing_m = 0.04
    seconds = bench.trajectory.duration_s + 1.5
    bench.start().run(seconds)
    assert bench.loop.outcome is StageOutcome.GRASPED
    assert len(bench.targets) == pytest.approx(seconds / PERIOD, abs=2)
    assert np.allclose(positions(bench)[-1], bench.trajectory.poses[-1, :3], atol=1e-6)
    steps = np.linalg.norm(np.diff(positions(bench), axis=0), axis=1)
    assert steps.max() < 1.5 * PERIOD * 0.20
    assert bench.loop.statistics.summary()["rate_hz"] == pytest.approx(20.0, rel=0.01)


def test_fingers_that_close_on_nothing_missed(bench):
    bench.start().run(bench.trajectory.duration_s + 1.5)
    assert bench.loop.outcome is StageOutcome.MISSED


def test_the_gripper_acts_within_a_step_of_its_time(bench):
    bench.start().run(bench.trajectory.duration_s)
    closed = next(i for i, t in enumerate(bench.targets) if t.gripper_width == 0.0)
    due_s = bench.trajectory.times_s[np.flatnonzero(bench.trajectory.gripper_widths == 0.0)[0]]
    assert closed * PERIOD == pytest.approx(due_s, abs=2 * PERIOD)


@pytest.mark.parametrize("delay", [1, 3, 5])
def test_slow_inference_delays_nothing_once_it_runs(trajectory, delay):
    bench = Bench(trajectory, worker=SlowWorker(delay)).start()
    bench.run(trajectory.duration_s + 2.0)
    assert not bench.errors
    assert bench.loop.outcome is StageOutcome.MISSED
    steps = np.linalg.norm(np.diff(positions(bench), axis=0), axis=1)
    assert steps.max() < 1.6 * PERIOD * 0.20


def test_the_next_trajectory_takes_over_without_a_gap_or_a_jump(bench):
    bench.start().run(2.0)
    before = len(bench.targets)
    end = bench.targets[-1].pose
    onward = type(bench.trajectory).fit(end, [[0.45, -0.1, 0.25]], start_width=0.08, end_width=0.08)
    bench.loop.follow(onward, GripperAction.KEEP, bench.now)
    bench.run(1.0)
    assert len(bench.targets) == before + 20
    assert np.linalg.norm(np.diff(positions(bench), axis=0), axis=1).max() < 0.016


def test_a_held_arm_is_waited_for(bench):
    bench.start().run(1.0)
    bench.run(10.0, held=True)
    assert bench.loop.outcome is StageOutcome.RUNNING
    assert np.linalg.norm(bench.targets[-1].pose[:3] - bench.pose[:3]) < 0.11
    bench.run(bench.trajectory.duration_s + 1.0)
    assert bench.loop.outcome is StageOutcome.MISSED


@pytest.mark.parametrize(
    ("lost", "reason", "words"),
    [
        ("with_camera", ExpertReason.CLOUD_STALE, "depth image"),
        ("with_arm", ExpertReason.ARM_STALE, "arm's pose"),
    ],
)
def test_it_falls_silent_when_an_observation_grows_old_and_goes_on_when_it_comes_back(
    bench, lost, reason, words
):
    bench.start().run(1.0)
    bench.run(0.7, **{lost: False})
    count = len(bench.targets)
    bench.run(0.2, **{lost: False})
    assert len(bench.targets) == count
    assert words in str(bench.errors[-1])
    assert (bench.loop.state, bench.loop.cause.reason) == (ExpertState.FOLLOWING, reason)
    bench.run(0.5)
    assert len(bench.targets) > count
    assert bench.loop.state is ExpertState.FOLLOWING
    assert bench.loop.cause.reason is ExpertReason.FOLLOWING


def test_a_depth_image_from_the_future_is_not_fresh_for_ever(bench):
    bench.start().run(0.5)
    bench.loop.observe_cloud(bench.now + 5.0, lambda: NO_POINTS, bench.now)
    given = len(bench.targets)
    bench.run(0.5, with_camera=False)
    assert len(bench.targets) == given
    assert "in the future" in str(bench.errors[-1])


def test_it_gives_up_when_silence_lasts_and_does_not_start_again_by_itself(bench):
    bench.start().run(1.0)
    bench.run(4.0, with_camera=False)
    assert (bench.loop.state, bench.loop.following) == (ExpertState.FAILED, False)
    assert bench.loop.cause.reason is ExpertReason.CLOUD_STALE
    assert "depth image" in bench.loop.cause.message
    count = len(bench.targets)
    bench.run(2.0)
    assert len(bench.targets) == count


def test_nothing_is_given_while_it_is_forbidden(bench):
    bench.start().run(1.0)
    bench.loop.forbidden = STOPPED
    count = len(bench.targets)
    bench.run(1.0)
    assert len(bench.targets) == count
    assert isinstance(bench.errors[-1], TargetRefusedError)


def test_a_trajectory_waits_a_little_for_the_permission_to_be_followed(bench):
    bench.loop.forbidden = ExpertReason.CONTROLLER_UNHEARD.because()
    bench.start().run(0.5)
    assert not bench.targets
    bench.loop.forbidden = None
    bench.run(1.0)
    assert bench.targets


def test_a_trajectory_that_is_never_permitted_fails_with_the_reason(bench):
    bench.loop.forbidden = STOPPED
    bench.start().run(4.0)
    assert not bench.targets
    assert (bench.loop.state, bench.loop.cause) == (ExpertState.FAILED, STOPPED)


def test_an_expert_that_refuses_its_observation_stops_the_targets(trajectory):
    def refuse(observation):
        raise ObservationError("not like this")

    bench = Bench(trajectory, policy=refuse).start().run(1.0)
    assert not bench.targets
    assert "not like this" in str(bench.errors[0])
    assert bench.loop.cause == ExpertReason.INFERENCE_REFUSED.because(why="not like this")


def test_trajectories_that_start_elsewhere_or_without_a_known_arm_are_refused(trajectory):
    bench = Bench(trajectory)
    bench.pose = bench.pose + [0.0, 0.2, 0.0, 0, 0, 0, 0]
    bench.measure(with_camera=True, with_arm=True)
    with pytest.raises(PlanError, match=r"0\.20 m .* from the arm"):
        bench.start()
    bench.now += 10.0
    with pytest.raises(StaleObservationError, match="arm's pose"):
        bench.start()


def test_stopping_ends_targets_and_leaves_nothing_behind(bench):
    bench.start().run(1.0)
    count = len(bench.targets)
    bench.loop.stop()
    bench.run(1.0)
    assert len(bench.targets) == count
    assert bench.loop.state is ExpertState.IDLE


def test_an_expert_for_another_rate_is_not_served():
    settings = ExpertLoopSettings()
    settings.check_serves(ExpertConfig(), "models/action_expert")
    with pytest.raises(ConfigError, match="expected 0.1, the control period that models/slow was"):
        settings.check_serves(ExpertConfig(control_period_s=0.1), "models/slow")


def test_chunks_have_a_step_for_every_target():
    with pytest.raises(ConfigError, match=r"queue.period_s: expected period_s, 0.04"):
        ExpertLoopSettings(period_s=0.04)


def test_observations_carry_guidance_from_their_own_moment_on(bench):
    bench.start().run(1.0)
    settings = ExpertLoopSettings()
    observation = bench.seen[-1]
    assert len(observation.guidance_poses) == settings.guidance_steps
    lag = np.linalg.norm(observation.guidance_poses[0, :3] - bench.targets[-1].pose[:3])
    assert lag < 0.20 * PERIOD + 0.002


def test_the_camera_s_latency_is_counted_once_a_frame(bench):
    bench.start().run(2.0)
    figures = bench.loop.statistics.summary()
    assert figures["camera_to_target_p50_ms"] == pytest.approx(60.0, abs=1.0)
