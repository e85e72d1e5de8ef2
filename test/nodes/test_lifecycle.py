"""Every node through its states twice: nothing is left behind, and nothing is there twice."""

import os
import threading
import time
from collections import Counter
from functools import partial

import pytest
import rclpy
from bridge_interfaces.action import ExecuteInstruction
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.action import ActionClient
from rclpy.event_handler import EventHandler
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.node import Node
from rclpy.parameter import Parameter

from bridge_ros.graph import GraphSession
from bridge_ros.nodes.camera_node import CameraNode
from bridge_ros.nodes.controller_node import ControllerNode
from bridge_ros.nodes.expert_node import ExpertNode
from bridge_ros.nodes.planner_node import PlannerNode
from bridge_ros.nodes.sim_node import SimNode
from bridge_ros.nodes.trajectory_node import TrajectoryNode
from bridge_ros.ros import topics
from bridge_ros.ros.executor import NodeExecutor

HOST = f"127.4.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
NOBODY = {"gripper.host": HOST, "gripper.port": 9, "arm.host": HOST}
NODES = {
    "camera": (CameraNode, {"source": "playback", "playback.file": "/nowhere.db3"}),
    "planner": (PlannerNode, {}),
    "trajectory": (TrajectoryNode, {"extrinsics_file": "config/extrinsics/sim.yaml"}),
    "expert": (ExpertNode, {}),
    "controller": (ControllerNode, NOBODY),
    "controller of a foreign arm": (ControllerNode, {**NOBODY, "arm.driver": "topic"}),
    "sim": (SimNode, {"host": HOST}),
}
ROUND = ("configure", "activate", "deactivate", "activate", "deactivate", "cleanup")


class Life:
    """A node in this process, and all that belongs to it after each of its transitions."""

    def __init__(self, node_class, parameters):
        self._threads = set(threading.enumerate())
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.node = node_class(parameter_overrides=overrides)
        self._executor = NodeExecutor()
        self._executor.add_node(self.node)

    def pass_through(self, transition):
        result = getattr(self.node, f"trigger_{transition}")()
        assert result == TransitionCallbackReturn.SUCCESS, transition
        return self.spin()

    def spin(self):
        end_s = time.monotonic() + 0.3
        while time.monotonic() < end_s:
            self._executor.spin_once(timeout_sec=0.05)
        return self.census()

    def spin_until(self, condition):
        end_s = time.monotonic() + 20.0
        while not condition():
            assert time.monotonic() < end_s, "what was waited for did not come"
            self._executor.spin_once(timeout_sec=0.05)

    def census(self):
        node = self.node
        return Counter(
            [
                *(("publisher", entity.topic_name) for entity in node.publishers),
                *(("subscription", entity.topic_name) for entity in node.subscriptions),
                *(("service", entity.service_name) for entity in node.services),
                *(("client", entity.service_name) for entity in node.clients),
                *(("timer", entity.timer_period_ns) for entity in node.timers),
                *(("guard",) for _ in node.guards),
                *(("waitable", type(entity).__name__) for entity in node.waitables),
                *(("thread", t.name) for t in set(threading.enumerate()) - self._threads),
            ]
        )

    def close(self):
        self._executor.shutdown()
        self.node.destroy_node()


@pytest.fixture
def live():
    rclpy.init()
    lives = []

    def begin(name):
        lives.append(Life(*NODES[name]))
        return lives[-1]

    yield begin
    for life in lives:
        life.close()
    rclpy.shutdown()


@pytest.mark.parametrize("name", NODES)
def test_a_node_that_lives_twice_leaves_nothing_behind_and_doubles_nothing(live, name):
    life = live(name)
    born = life.census()
    first, second = ([life.pass_through(t) for t in ROUND] for _ in range(2))
    configured, active, inactive, active_again, inactive_again, unconfigured = first
    assert active - configured
    assert inactive == inactive_again == configured
    assert active_again == active
    assert unconfigured == born
    assert second == first


@pytest.mark.parametrize("name", NODES)
def test_a_node_that_is_destroyed_while_active_leaves_no_thread(live, name):
    life = live(name)
    for transition in ("configure", "activate"):
        life.pass_through(transition)
    life.node.destroy_node()
    assert not [kind for kind in life.census() if kind[0] != "waitable"]


def test_a_node_that_is_deactivated_from_outside_in_mid_task_goes_on_living(live):
    life = live("planner")
    configured = life.pass_through("configure")
    life.pass_through("activate")
    deactivate = ChangeState.Request(transition=Transition(id=Transition.TRANSITION_DEACTIVATE))
    with GraphSession(partial(Node, "client")) as session:
        action = ActionClient(session.node, ExecuteInstruction, topics.EXECUTE)
        change = session.node.create_client(ChangeState, "/planner/change_state")
        session.spin_beside()
        life.spin_until(action.server_is_ready)
        sent = action.send_goal_async(ExecuteInstruction.Goal(instruction="lift the red cube"))
        life.spin_until(sent.done)
        assert sent.result().accepted
        assert change.wait_for_service(5.0)
        changed = change.call_async(deactivate)
        life.spin_until(changed.done)
        assert changed.result().success
    assert life.spin() == configured
    assert life.pass_through("activate")


def test_the_census_counts_events_and_actions(live):
    """Otherwise the tests above could not fail on a watch, or an action server, that is left."""
    counts = live("planner").census()
    assert not counts["waitable", EventHandler.__name__]
    life = live("planner")
    life.pass_through("configure")
    assert life.pass_through("activate")["waitable", "ActionServer"] == 1
    watcher = live("controller")
    watcher.pass_through("configure")
    active = watcher.pass_through("activate")
    assert active["waitable", EventHandler.__name__] == 4
    assert active["subscription", topics.liveness_topic("planner")] == 1
