"""A client's place in the graph: served beside its caller, and gone when it ends."""

import os
import signal
import threading
import time
from functools import partial

import pytest
from bridge_interfaces.action import ExecuteInstruction
from bridge_interfaces.msg import TaskStatus
from rclpy.action import ActionClient
from rclpy.node import Node
from std_srvs.srv import Trigger

from bridge_ros.graph import GraphSession
from bridge_ros.graph.operator import Operator
from bridge_ros.ros import topics


def wait_until(condition, timeout_s=15.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)


class Resource:
    def __init__(self):
        self.closed_beside = None

    def close(self):
        self.closed_beside = {thread.name for thread in threading.enumerate()}


def test_two_sessions_of_one_process_hear_each_other():
    with GraphSession(partial(Node, "one")) as one, GraphSession(partial(Node, "other")) as other:
        heard = []
        one.node.create_subscription(TaskStatus, topics.STATUS, heard.append, topics.STATUS_QOS)
        status = other.node.create_publisher(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        one.spin_beside()
        status.publish(TaskStatus(source="other"))
        wait_until(lambda: heard)


def test_its_thread_ends_before_what_it_owns_and_the_node_is_gone():
    with GraphSession(partial(Node, "client")) as session:
        resource = session.own(Resource())
        action = ActionClient(session.node, ExecuteInstruction, topics.EXECUTE)
        session.node.create_client(Trigger, topics.STOP)
        session.spin_beside()
        assert "client" in {thread.name for thread in threading.enumerate()}
        node = session.node
    assert resource.closed_beside is not None and "client" not in resource.closed_beside
    assert not node.context.ok()
    assert not list(node.subscriptions) and action not in list(node.waitables)


def test_what_breaks_inside_ends_the_session_too():
    with pytest.raises(ZeroDivisionError), GraphSession(partial(Node, "client")) as session:
        resource = session.own(Resource())
        session.spin_beside()
        raise ZeroDivisionError
    assert resource.closed_beside is not None and "client" not in resource.closed_beside


def test_the_caller_is_an_ordinary_thread_inside_and_outside():
    with GraphSession(partial(Node, "client")):
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_caught_signal_only_asks_and_is_as_before_afterwards(number):
    before = signal.getsignal(number)
    with GraphSession(partial(Node, "client"), catch_signals=True) as session:
        assert not session.asked_to_end
        signal.raise_signal(number)
        session.spin_for(0.05)
        assert session.asked_to_end
    assert signal.getsignal(number) is before


def test_a_node_that_cannot_be_made_leaves_the_signals_as_they_were():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError):
        GraphSession(lambda context: 1 / 0, catch_signals=True).__enter__()
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_operator_comes_and_goes_twice_and_leaves_nothing():
    def remains():
        names = sorted(thread.name for thread in threading.enumerate())
        return names, len(os.listdir("/proc/self/fd"))

    with Operator() as operator:
        assert "planner: not running" in operator.not_ready()
    first = remains()
    with Operator() as operator:
        assert "planner: not running" in operator.not_ready()
    assert remains() == first
