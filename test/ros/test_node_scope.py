"""What a node creates in a state ends with that state, however the state is left."""

from dataclasses import dataclass

import pytest
import rclpy
from bridge_interfaces.action import ExecuteInstruction
from rclpy.action import ActionServer
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.node import Node
from std_msgs.msg import String
from std_srvs.srv import Trigger

from bridge_ros.errors import HardwareError
from bridge_ros.ros import topics
from bridge_ros.ros.node import BridgeNode
from bridge_ros.ros.node_scope import NodeScope


@dataclass(frozen=True, kw_only=True)
class NoSettings:
    pass


class Thread:
    """Notes its end in a list of ends."""

    def __init__(self, name, ends):
        self._name, self._ends = name, ends

    def close(self):
        self._ends.append(self._name)


class Sample(BridgeNode[NoSettings]):
    """Creates one of each kind in `activate`, then raises `trouble` if it is told to."""

    def __init__(self):
        super().__init__("sample", NoSettings)
        self.ends, self.trouble, self.trouble_at_end = [], None, None

    def configure(self):
        self.own(Thread("device", self.ends))
        self.create_publisher(String, "/sample", 1)

    def activate(self):
        self.own(Thread("first", self.ends))
        self.own(Thread("second", self.ends))
        self.create_timer(1.0, lambda: None)
        self.create_subscription(String, "/sample", lambda _: None, 1)
        if self.trouble:
            raise self.trouble

    def deactivate(self):
        self.ends.append(f"deactivate beside {len(list(self.subscriptions))} subscription")
        if self.trouble_at_end:
            raise self.trouble_at_end


@pytest.fixture
def context():
    rclpy.init()
    yield
    rclpy.shutdown()


@pytest.fixture
def sample(context):
    sample = Sample()
    yield sample
    sample.destroy_node()


def entities(node):
    kinds = (node.publishers, node.subscriptions, node.timers, node.services, node.clients)
    return [len(list(kind)) for kind in (*kinds, node.guards, node.waitables)]


def test_the_node_says_goodbye_before_its_threads_end_the_newest_first(sample):
    sample.trigger_configure()
    sample.trigger_activate()
    assert sample.is_active
    sample.trigger_deactivate()
    assert sample.ends == ["deactivate beside 1 subscription", "second", "first"]
    assert sample.is_configured and not sample.is_active
    sample.trigger_cleanup()
    assert sample.ends[3:] == ["device"]


def test_a_refused_activation_leaves_the_node_as_it_was(sample):
    sample.trigger_configure()
    before = entities(sample)
    sample.trouble = HardwareError("no robot")
    assert sample.trigger_activate() == TransitionCallbackReturn.FAILURE
    assert entities(sample) == before
    assert sample.ends == ["second", "first"]
    sample.trouble = None
    assert sample.trigger_activate() == TransitionCallbackReturn.SUCCESS


def test_a_bug_in_activation_leaves_nothing_and_the_node_can_be_configured_anew(sample):
    before = entities(sample)
    sample.trigger_configure()
    sample.trouble = RuntimeError("a bug")
    assert sample.trigger_activate() == TransitionCallbackReturn.ERROR
    assert entities(sample) == before
    assert sample.ends == ["second", "first", "device"]
    assert sample.trigger_configure() == TransitionCallbackReturn.SUCCESS


def test_a_bug_on_deactivation_keeps_nothing_from_its_end(sample):
    before = entities(sample)
    sample.trigger_configure()
    sample.trigger_activate()
    sample.trouble_at_end = RuntimeError("a bug")
    assert sample.trigger_deactivate() == TransitionCallbackReturn.ERROR
    assert sample.ends[1:] == ["second", "first", "device"]
    assert entities(sample) == before


def test_ctrl_c_in_a_transition_leaves_nothing(sample):
    before = entities(sample)
    sample.trigger_configure()
    sample.trouble = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        sample.trigger_activate()
    assert sample.ends == ["second", "first", "device"]
    assert entities(sample) == before


@pytest.mark.parametrize("end", ["trigger_shutdown", "destroy_node"])
def test_shutdown_and_destruction_end_an_active_node(sample, end):
    sample.trigger_configure()
    sample.trigger_activate()
    getattr(sample, end)()
    assert sample.ends == ["deactivate beside 1 subscription", "second", "first", "device"]
    assert not sample.is_configured


def test_a_scope_of_a_plain_node_destroys_all_kinds_and_keeps_what_was_there(context):
    node = Node("plain")
    kept = node.create_publisher(String, "/kept", 1)
    before = entities(node)
    scope = NodeScope(node)
    node.create_publisher(String, "/new", 1)
    node.create_subscription(String, "/new", lambda _: None, topics.STATUS_QOS)
    node.create_timer(1.0, lambda: None)
    node.create_guard_condition(lambda: None)
    node.create_service(Trigger, "/serve", lambda _, reply: reply)
    node.create_client(Trigger, "/serve")
    ActionServer(node, ExecuteInstruction, topics.EXECUTE, lambda goal: None)
    scope.close()
    assert entities(node) == before
    assert kept in set(node.publishers)
    node.destroy_node()
