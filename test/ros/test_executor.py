"""The executor: every callback runs, others can wake it, and it does not wake itself."""

import threading
import time

import pytest
import rclpy
import rclpy.executors
from rclpy.node import Node
from std_msgs.msg import String

from bridge_ros.ros.executor import NodeExecutor


@pytest.fixture
def node():
    rclpy.init()
    node = Node("executor_test")
    yield node
    node.destroy_node()
    rclpy.shutdown()


@pytest.fixture
def waits(monkeypatch):
    """Counts how often an executor waits."""
    made = []
    implementation = rclpy.executors._rclpy

    class Counting:
        def __getattr__(self, name):
            if name == "WaitSet":
                made.append(time.monotonic())
            return getattr(implementation, name)

    monkeypatch.setattr(rclpy.executors, "_rclpy", Counting())
    return made


def test_one_callback_costs_one_wait(node, waits):
    ticks = []
    node.create_timer(0.02, lambda: ticks.append(1))
    executor = NodeExecutor()
    executor.add_node(node)
    executor.spin_once(timeout_sec=1.0)
    waits.clear()
    ticks.clear()
    while len(ticks) < 10:
        executor.spin_once(timeout_sec=1.0)
    assert len(waits) <= 12


def test_another_thread_s_subscription_is_noticed_at_once(node):
    heard = []
    executor = NodeExecutor()
    executor.add_node(node)
    publisher = node.create_publisher(String, "executor_test", 1)

    def subscribe():
        time.sleep(0.2)
        node.create_subscription(String, "executor_test", heard.append, 1)
        deadline_s = time.monotonic() + 5.0
        while not heard and time.monotonic() < deadline_s:
            publisher.publish(String(data="hello"))
            time.sleep(0.05)

    thread = threading.Thread(target=subscribe)
    thread.start()
    began_s = time.monotonic()
    # A single wait: it must not sleep through what comes to its node meanwhile.
    executor.spin_once(timeout_sec=20.0)
    thread.join()
    assert heard
    assert time.monotonic() - began_s < 10.0


def test_all_callbacks_of_one_wait_run(node):
    ran = set()
    for name in ("a", "b", "c"):
        node.create_timer(0.01, lambda name=name: ran.add(name))
    executor = NodeExecutor()
    executor.add_node(node)
    for _ in range(6):
        executor.spin_once(timeout_sec=1.0)
    assert ran == {"a", "b", "c"}
