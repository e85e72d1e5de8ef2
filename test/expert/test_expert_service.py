"""ExpertService: whom the expert listens to, what it follows and what it says, on virtual time."""

import numpy as np
import pytest

from bridge_ros.errors import PlanError
from bridge_ros.expert import ActionChunk
from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.expert_service import ExpertService
from bridge_ros.expert.expert_settings import ExpertSettings
from bridge_ros.expert.loop import ArmObservation
from bridge_ros.expert.stage_order import StageOrder
from bridge_ros.expert.worker import InlineWorker
from bridge_ros.plan import GripperAction
from bridge_ros.status import ExpertReason, ExpertState
from bridge_ros.trajectory import PoseTrajectory

PERIOD_S = 0.05
START = np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])
ASIDE = np.array([0.4, 0.1, 0.3, 1.0, 0.0, 0.0, 0.0])
CLOUD = np.array([[0.5, 0.0, 0.02]], dtype=np.float32)


class GuidanceExpert:
    """Answers with the guidance itself, and sees the cloud as it is."""

    config = ExpertConfig()

    def predict(self, observation):
        return ActionChunk(
            poses=observation.guidance_poses[1:17], gripper_widths=observation.guidance_widths[1:17]
        )

    def points_seen(self, observation):
        return observation.points


class Bench:
    """The service, an arm that goes where it is told at once, a camera, and a controller."""

    def __init__(self, **settings):
        self.service = ExpertService(GuidanceExpert(), InlineWorker(), ExpertSettings(**settings))
        self.now_s = 1000.0
        self.pose = START
        self.with_camera = True
        self.controller = ("idle", "", "ready for targets")
        self.statuses, self.warnings, self.targets = [], [], []
        self.reports = 0

    def order(self, plan_id="plan", age_s=0.0, start=START, **fields):
        fields.setdefault("motion", (straight(start, ASIDE), GripperAction.KEEP))
        return StageOrder(plan_id=plan_id, stage=2, stamp_s=self.now_s - age_s, **fields)

    def take(self, order):
        answer = self.service.take(order, self.now_s)
        self.note(answer)
        return answer

    def run(self, ticks):
        for _ in range(ticks):
            self.now_s += PERIOD_S
            self.service.observe_controller(*self.controller)
            self.service.observe_arm(
                ArmObservation(
                    stamp_s=self.now_s,
                    ee_pose=self.pose,
                    joint_positions=None,
                    gripper_width=0.05,
                )
            )
            if self.with_camera:
                self.service.observe_cloud(self.now_s, lambda: CLOUD, self.now_s)
            answer = self.service.tick(self.now_s)
            self.note(answer)
            if answer.target is not None:
                self.targets.append(answer.target)
                self.pose = answer.target.pose

    def note(self, answer):
        self.reports += answer.report
        if answer.status:
            self.statuses.append(answer.status)
        if answer.warning:
            self.warnings.append(answer.warning)

    def said(self):
        return [(status.state, status.plan_id) for status in self.statuses]


def straight(start, end):
    return PoseTrajectory(
        times_s=np.array([0.0, 2.0]),
        poses=np.array([start, end]),
        gripper_widths=np.array([0.05, 0.05]),
    )


def test_it_says_what_is_missing_until_all_was_heard_and_then_waits_for_a_trajectory():
    bench = Bench()
    bench.with_camera = False
    bench.run(11)
    assert [status.state for status in bench.statuses] == [ExpertState.STARTING] * 2
    assert bench.statuses[-1].cause.reason is ExpertReason.CAMERA_UNHEARD
    bench.with_camera = True
    bench.run(1)
    assert bench.said()[-1] == (ExpertState.IDLE, "")
    assert bench.statuses[-1].cause.reason is ExpertReason.WAITING_FOR_TRAJECTORY
    before = len(bench.statuses)
    bench.run(40)
    assert len(bench.statuses) == before


def test_an_order_is_followed_to_its_end_with_its_plan_stage_and_progress():
    bench = Bench()
    bench.run(1)
    assert bench.take(bench.order()).status.state is ExpertState.FOLLOWING
    bench.run(80)
    assert bench.targets
    assert bench.said()[-1] == (ExpertState.REACHED, "plan")
    assert {status.stage for status in bench.statuses if status.plan_id} == {2}
    progress = [status.progress for status in bench.statuses if status.plan_id]
    assert progress == sorted(progress) and progress[-1] == 1.0
    assert np.allclose(bench.pose[:3], ASIDE[:3], atol=0.01)


def test_progress_is_said_twice_a_second_and_figures_are_due_once_a_second():
    bench = Bench()
    bench.run(1)
    bench.take(bench.order())
    bench.reports = 0
    bench.statuses.clear()
    bench.run(40)
    following = [s for s in bench.statuses if s.state is ExpertState.FOLLOWING]
    assert len(following) == 4
    assert bench.reports == 2


def test_an_order_from_before_this_life_is_ignored():
    bench = Bench(max_trajectory_age_s=5.0)
    bench.run(1)
    answer = bench.take(bench.order(age_s=6.0))
    assert answer.status is None and "6.0 s old" in answer.warning
    bench.run(5)
    assert not bench.targets


@pytest.mark.parametrize("fields", [{"age_s": 6.0}, {"age_s": -3.0}])
def test_neither_is_one_that_is_unusable_or_from_the_future(fields):
    bench = Bench(max_trajectory_age_s=5.0)
    bench.run(1)
    order = bench.order(motion=None, unusable=PlanError("poses: nonsense"), **fields)
    assert bench.take(order).status is None


def test_an_empty_order_before_anything_was_heard_says_nothing():
    bench = Bench()
    assert bench.take(bench.order(motion=None)).status is None
    bench.with_camera = False
    bench.run(1)
    assert bench.statuses[-1].state is ExpertState.STARTING


def test_an_empty_order_ends_the_targets_however_old_it_is():
    bench = Bench()
    bench.run(1)
    bench.take(bench.order())
    bench.run(5)
    bench.targets.clear()
    status = bench.take(bench.order(motion=None, age_s=100.0)).status
    assert (status.state, status.cause.reason) == (ExpertState.IDLE, ExpertReason.NOTHING_TO_FOLLOW)
    bench.run(5)
    assert not bench.targets


def test_an_unusable_order_fails_its_stage_and_says_why():
    bench = Bench()
    bench.run(1)
    answer = bench.take(bench.order("bad", motion=None, unusable=PlanError("poses: nonsense")))
    assert (answer.status.state, answer.status.plan_id) == (ExpertState.FAILED, "bad")
    assert answer.status.cause.reason is ExpertReason.TRAJECTORY_UNUSABLE
    assert "poses: nonsense" in answer.warning


def test_an_order_that_starts_elsewhere_fails_its_stage():
    bench = Bench()
    bench.run(1)
    status = bench.take(bench.order(start=ASIDE + [0.2, 0, 0, 0, 0, 0, 0])).status
    assert status.state is ExpertState.FAILED
    assert status.cause.reason is ExpertReason.STARTS_ELSEWHERE


@pytest.mark.parametrize(
    ("state", "reason", "commands"),
    [
        ("idle", "", True),
        ("active", "", True),
        ("hold", "no_target", True),
        ("hold", "node_silent", False),
        ("stopped", "stop_requested", False),
        ("fault", "", False),
        ("levitating", "", False),
    ],
)
def test_targets_are_given_only_while_the_controller_takes_them(state, reason, commands):
    bench = Bench()
    bench.run(1)
    bench.take(bench.order())
    bench.controller = (state, reason, "so it says")
    bench.targets.clear()
    bench.run(5)
    assert bool(bench.targets) is commands
    if not commands:
        assert "so it says" in bench.warnings[-1]
        assert bench.service.figures()["level"] == "warn"


def test_the_points_that_were_seen_are_told_once_with_their_moment():
    bench = Bench()
    bench.run(1)
    assert bench.service.points() is None
    bench.take(bench.order())
    stamp_s, points = bench.service.points()
    assert stamp_s == bench.now_s
    assert np.array_equal(points, CLOUD)
    assert bench.service.points() is None
    silent = Bench(points_period_s=0.0)
    silent.run(1)
    silent.take(silent.order())
    assert silent.service.points() is None


def test_the_figures_tell_what_is_followed_and_how_well():
    bench = Bench()
    bench.run(1)
    bench.take(bench.order("a-plan"))
    bench.run(10)
    figures = bench.service.figures()
    assert (figures["level"], figures["message"]) == ("ok", "following a-plan")
    assert figures["sees points"] is ExpertConfig().sees_points
    assert len(figures) > 3
