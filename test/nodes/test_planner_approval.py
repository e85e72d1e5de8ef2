"""The planner node that asks a person before anything moves, on real middleware."""

import time

import pytest
from node_process import NodeProcess, wait_for
from std_srvs.srv import Trigger
from tabletop import cube, render
from test_planner_node import GRASPS, FakeCell, scene
from visualization_msgs.msg import MarkerArray

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import color_to_msg, depth_to_msg

WAITING = "waiting for approval; call /bridge/approve"


class AskingCell(FakeCell):
    """The fake cell with a person who approves."""

    def __init__(self):
        super().__init__()
        self.listen(MarkerArray, topics.MARKERS, topics.LATCHED)
        self._approve = self.node.create_client(Trigger, topics.APPROVE)

    def approve(self):
        assert self._approve.wait_for_service(20.0)
        future = self._in_executor(lambda: self._approve.call_async(Trigger.Request()))
        assert wait_for(future.done)
        return future.result().success, future.result().message

    def waits(self, subgoal):
        return lambda: any(
            message.message == f"{subgoal}: {WAITING}"
            for message in self.statuses("planner", "thinking")
        )

    def shows_a_plan(self):
        return len(self.heard[topics.MARKERS][-1].markers) > 1


@pytest.fixture(scope="module")
def running():
    scene()
    cell = AskingCell()
    process = NodeProcess("planner", require_approval=True)
    ready = wait_for(lambda: cell.statuses("planner", "idle"), 60)
    yield cell
    code, output = process.stop()
    cell.close()
    assert ready, output
    assert code == 0, output
    assert "Traceback" not in output


@pytest.fixture
def cell(running):
    running.reset()
    time.sleep(0.5)
    yield running
    running.result(running.execute(""))


def test_every_plan_is_shown_and_moves_only_when_it_is_approved(cell):
    assert cell.approve() == (False, "no plan waits for approval")
    cell.outcomes = GRASPS
    handle = cell.execute("pick up the red cube")
    for number, subgoal in enumerate(["grasp the red cube", "lift the red cube"]):
        assert wait_for(cell.waits(subgoal), 30)
        assert wait_for(cell.shows_a_plan)
        time.sleep(0.5)
        assert len(cell.full_plans()) == number, "nothing moves before it is approved"
        assert cell.approve() == (True, f"approved: {subgoal}")
        assert wait_for(lambda wanted=number + 1: len(cell.full_plans()) == wanted)
    assert cell.result(handle).success
    assert wait_for(lambda: not cell.shows_a_plan())


def test_what_was_moved_before_the_approval_is_not_reached_for(cell):
    moved = render([cube("red", 0.42, 0.05), cube("green", 0.55, -0.1)])

    def move(color, depth, info):
        color.data = color_to_msg(moved, color.header.stamp).data
        depth.data = depth_to_msg(moved, depth.header.stamp).data

    handle = cell.execute("pick up the red cube")
    assert wait_for(cell.waits("grasp the red cube"), 30)
    cell.spoil = move
    time.sleep(0.5)
    assert cell.approve()[0]
    result = cell.result(handle)
    assert "the scene changed since the plan was made" in result.message
    assert cell.full_plans() == []
    assert wait_for(lambda: not cell.shows_a_plan())


def test_a_plan_of_a_cancelled_task_cannot_be_approved(cell):
    handle = cell.execute("pick up the red cube")
    assert wait_for(cell.waits("grasp the red cube"), 30)
    cell.cancel(handle)
    assert cell.result(handle).outcome == "canceled"
    assert cell.approve() == (False, "no plan waits for approval")
    assert cell.full_plans() == []
