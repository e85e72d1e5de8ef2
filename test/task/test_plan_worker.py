import threading
import time

import numpy as np
import pytest

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import PlanError
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import GripperAction, PlanLimits, WaypointPlan
from bridge_ros.status import TaskReason
from bridge_ros.task.worker import PlanRequest, ThreadPlanWorker, TimedPlanWorker

FRAME = RGBDFrame(
    rgb=np.zeros((48, 64, 3), np.uint8),
    depth_m=np.zeros((48, 64), np.float32),
    intrinsics=Intrinsics(width=64, height=48, fx=60.0, fy=60.0, cx=31.5, cy=23.5),
    stamp_s=1.0,
)


class ScriptedPlanner:
    """Does what its sentence says."""

    def __init__(self):
        self.released = threading.Event()

    def plan(self, rgb, depth_m, intrinsics, instruction, history):
        if instruction == "refuse":
            raise PlanError("no such thing")
        if instruction == "break":
            raise KeyError("weights")
        if instruction == "wait":
            self.released.wait(10.0)
        depth = 0.8 if instruction != "misplace" else -0.8
        return WaypointPlan(
            waypoints=np.array([[0.0, 0.0, depth - 0.1], [0.0, 0.0, depth]]),
            target_pose=np.array([0.0, 0.0, depth, 0.0, 0.0, 0.0, 1.0]),
            gripper_action=GripperAction.KEEP,
            approach_width_m=None,
            subgoal=instruction,
            final=True,
        )


@pytest.fixture
def planner():
    return ScriptedPlanner()


@pytest.fixture
def worker(planner):
    worker = ThreadPlanWorker(planner, PlanLimits())
    yield worker
    planner.released.set()
    worker.close()


def submit(worker, instruction, now_s=0.0):
    request = PlanRequest(ticket=instruction, frame=FRAME, instruction=instruction, history=())
    worker.submit(request, now_s)


def answer(worker):
    for _ in range(500):
        if (found := worker.poll(0.0)) is not None:
            return found
        time.sleep(0.01)
    raise AssertionError("no answer")


def test_a_plan_comes_back_with_its_ticket(worker):
    submit(worker, "go")
    found = answer(worker)
    assert (found.request.ticket, found.plan.subgoal, found.trouble) == ("go", "go", None)


def test_refusals_and_plans_that_fail_the_checks_come_back_in_words(worker):
    submit(worker, "refuse")
    found = answer(worker)
    assert found.trouble == TaskReason.NO_PLAN.because(why="no such thing")
    submit(worker, "misplace")
    found = answer(worker)
    assert found.plan is None
    assert found.trouble.reason is TaskReason.PLAN_UNUSABLE
    assert "in front of the camera" in found.trouble.message


def test_a_planner_that_breaks_does_not_break_the_thread(worker):
    submit(worker, "break")
    found = answer(worker)
    assert found.trouble.reason is TaskReason.PLANNER_BROKE
    assert found.trouble.message == "the planner broke: KeyError: 'weights'"
    assert "Traceback" in found.details
    submit(worker, "go")
    assert answer(worker).plan is not None


def test_nobody_waits_for_a_slow_planner(worker, planner):
    submit(worker, "wait")
    assert worker.poll(0.0) is None
    planner.released.set()
    assert answer(worker).plan is not None


def test_thinking_takes_the_caller_s_time(planner):
    worker = TimedPlanWorker(planner, PlanLimits(), 0.5)
    submit(worker, "go", 10.0)
    submit(worker, "refuse", 10.2)
    assert worker.poll(10.45) is None
    # Periods of simulated time add up to a little more or less.
    assert worker.poll(10.5 - 1e-12).plan.subgoal == "go"
    assert worker.poll(10.65) is None
    assert worker.poll(11.0).trouble == TaskReason.NO_PLAN.because(why="no such thing")
    assert worker.poll(20.0) is None


def test_a_closed_worker_thinks_no_more(planner):
    worker = TimedPlanWorker(planner, PlanLimits(), 0.0)
    submit(worker, "go")
    worker.close()
    assert worker.poll(1.0) is None


def test_a_bug_in_a_planner_stops_an_evaluation(planner):
    worker = TimedPlanWorker(planner, PlanLimits(), 0.0)
    submit(worker, "break")
    with pytest.raises(KeyError):
        worker.poll(0.0)
