"""The executor: every callback runs, others can wake it, and a message costs one wait."""

import threading
import time

import pytest
import rclpy
from bridge_interfaces.action import ExecuteInstruction
from rclpy.action import ActionClient, ActionServer
from rclpy.node import Node
from rclpy.task import Future
from std_msgs.msg import String
from std_srvs.srv import Trigger

from bridge_ros.ros.executor import NodeExecutor
from bridge_ros.ros.wait_set import WaitSet

WAIT_S = 10.0


@pytest.fixture
def node():
    rclpy.init()
    node = Node("executor_test")
    yield node
    node.destroy_node()
    rclpy.shutdown()


@pytest.fixture
def executor(node):
    with NodeExecutor() as executor:
        executor.add_node(node)
        yield executor


def spin_until(executor, condition):
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, "nothing happened"
        executor.spin_once(timeout_sec=0.1)


def test_one_callback_costs_one_wait(node, executor, monkeypatch):
    waits = []
    wait = WaitSet.wait

    def counted(self, timeout_s):
        waits.append(timeout_s)
        return wait(self, timeout_s)

    monkeypatch.setattr(WaitSet, "wait", counted)
    ticks = []
    node.create_timer(0.02, lambda: ticks.append(1))
    spin_until(executor, lambda: ticks)
    waits.clear()
    ticks.clear()
    spin_until(executor, lambda: len(ticks) >= 10)
    assert len(waits) == 10


def test_another_thread_s_subscription_is_noticed_at_once(node, executor):
    heard = []
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


def test_all_callbacks_of_one_wait_run(node, executor):
    ran = set()
    for name in ("a", "b", "c"):
        node.create_timer(0.01, lambda name=name: ran.add(name))
    time.sleep(0.05)
    executor.spin_once(timeout_sec=1.0)
    assert ran == {"a", "b", "c"}


def test_the_time_out_is_kept(executor):
    began_s = time.monotonic()
    executor.spin_once(timeout_sec=0.2)
    assert 0.19 < time.monotonic() - began_s < 2.0


def test_messages_come_in_their_order(node, executor):
    heard = []
    node.create_subscription(String, "executor_test", lambda m: heard.append(m.data), 50)
    publisher = node.create_publisher(String, "executor_test", 50)
    spin_until(executor, lambda: publisher.get_subscription_count() == 1)
    for i in range(50):
        publisher.publish(String(data=str(i)))
    spin_until(executor, lambda: len(heard) == 50)
    assert heard == [str(i) for i in range(50)]


def test_a_callback_may_ask_where_a_message_comes_from(node, executor):
    heard = []
    node.create_subscription(
        String, "executor_test", lambda message, info: heard.append((message, info)), 1
    )
    publisher = node.create_publisher(String, "executor_test", 1)
    spin_until(executor, lambda: publisher.get_subscription_count() == 1)
    publisher.publish(String(data="hello"))
    spin_until(executor, lambda: heard)
    message, info = heard[0]
    assert message.data == "hello"
    assert info["source_timestamp"] > 0


def test_what_a_callback_raises_comes_out(node, executor):
    def fail():
        raise ValueError("from a callback")

    node.create_timer(0.01, fail)
    with pytest.raises(ValueError, match="from a callback"):
        executor.spin_once(timeout_sec=WAIT_S)


def test_what_a_callback_destroys_is_not_called_any_more(node, executor):
    ran = []

    def destroy_the_other(own, other):
        ran.append(own)
        node.destroy_timer(timers[other])

    timers = [
        node.create_timer(0.01, lambda own=own: destroy_the_other(own, 1 - own)) for own in (0, 1)
    ]
    time.sleep(0.05)
    for _ in range(5):
        executor.spin_once(timeout_sec=0.05)
    assert len(ran) > 1
    assert len(set(ran)) == 1


def test_a_cancelled_timer_rests_until_it_is_reset(node, executor):
    ticks = []
    timer = node.create_timer(0.02, lambda: ticks.append(1))
    timer.cancel()
    executor.spin_once(timeout_sec=0.2)
    assert not ticks
    timer.reset()
    spin_until(executor, lambda: ticks)


def test_another_thread_may_destroy_what_is_waited_for(node, executor):
    others = [node.create_subscription(String, f"gone_{i}", print, 1) for i in range(20)]
    stop = threading.Event()

    def spin():
        while not stop.is_set():
            executor.spin_once(timeout_sec=0.1)

    thread = threading.Thread(target=spin)
    thread.start()
    time.sleep(0.2)
    for subscription in others:
        assert node.destroy_subscription(subscription)
    heard = []
    node.create_subscription(String, "executor_test", heard.append, 1)
    publisher = node.create_publisher(String, "executor_test", 1)
    deadline_s = time.monotonic() + WAIT_S
    while not heard and time.monotonic() < deadline_s:
        publisher.publish(String())
        time.sleep(0.05)
    stop.set()
    thread.join()
    assert heard


def test_services_and_their_clients(node, executor):
    def answer(_, response):
        response.message = "here"
        return response

    node.create_service(Trigger, "executor_test", answer)
    client = node.create_client(Trigger, "executor_test")
    spin_until(executor, client.service_is_ready)
    for _ in range(3):
        future = client.call_async(Trigger.Request())
        spin_until(executor, future.done)
        assert future.result().message == "here"


def test_an_action_that_waits_in_the_middle(node, executor):
    goes_on = Future()

    async def execute(goal):
        await goes_on
        goal.succeed()
        return ExecuteInstruction.Result(message="done")

    server = ActionServer(node, ExecuteInstruction, "executor_test", execute)
    client = ActionClient(node, ExecuteInstruction, "executor_test")
    spin_until(executor, client.server_is_ready)
    accepted = client.send_goal_async(ExecuteInstruction.Goal())
    spin_until(executor, accepted.done)
    result = accepted.result().get_result_async()
    for _ in range(5):
        executor.spin_once(timeout_sec=0.02)
    assert not result.done()
    goes_on.set_result(None)
    spin_until(executor, result.done)
    assert result.result().result.message == "done"
    client.destroy()
    server.destroy()


def test_a_guard_condition_of_the_node(node, executor):
    triggered = []
    guard = node.create_guard_condition(lambda: triggered.append(1))
    threading.Timer(0.1, guard.trigger).start()
    spin_until(executor, lambda: triggered)
    executor.spin_once(timeout_sec=0.1)
    assert triggered == [1]
