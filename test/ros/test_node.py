"""Real processes on real middleware: what a node's base promises to the rest of the graph."""

import signal
import subprocess
import sys
import threading
import time

import pytest
import rclpy
from bridge_interfaces.msg import TaskStatus
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from bridge_ros.ros import topics
from bridge_ros.ros.liveness import LivenessWatch
from bridge_ros.status import Absence

PROGRAM = """
import sys
from dataclasses import dataclass
from bridge_ros.errors import ConfigError
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.status import TaskReason, TaskState

@dataclass(frozen=True, kw_only=True)
class Settings:
    mood: str = "good"

class Sample(BridgeNode[Settings]):
    def __init__(self, **node_options):
        super().__init__("sample", Settings, **node_options)
    def configure(self):
        if self.settings.mood == "bad":
            raise ConfigError("mood: expected good, got bad")
        if self.settings.mood == "broken":
            raise RuntimeError("a bug")
    def activate(self):
        self.publish_status(TaskState.IDLE, TaskReason.LOOKING.because())
    def deactivate(self):
        print("deactivated", flush=True)
    def diagnostics(self):
        return {"level": "warn", "message": "so so", "answer": 42}

run(Sample)
"""


class Listener:
    def __init__(self):
        self.context = rclpy.Context()
        self.context.init()
        self.node = Node("listener", context=self.context)
        self.watch = LivenessWatch(self.node, ["sample"])
        self.status, self.diagnostics = [], []
        self.node.create_subscription(
            TaskStatus, topics.STATUS, self.status.append, topics.STATUS_QOS
        )
        self.node.create_subscription(
            DiagnosticArray, topics.DIAGNOSTICS, self.diagnostics.append, topics.RELIABLE
        )
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.closing = False
        self.thread = threading.Thread(target=self.spin)
        self.thread.start()

    def spin(self):
        while not self.closing:
            self.executor.spin_once(timeout_sec=0.05)

    def close(self):
        self.closing = True
        self.thread.join()
        self.node.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture
def start():
    processes = []

    def start_sample(*parameters):
        arguments = [word for p in parameters for word in ("-p", p)]
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "--ros-args", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        processes.append(process)
        return process

    yield start_sample
    for process in processes:
        process.kill()
        process.wait()


def wait_until(condition, timeout_s=15.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)


def test_a_node_starts_itself_and_says_how_it_is(listener, start):
    start()
    wait_until(lambda: not listener.watch.missing() and listener.diagnostics)
    status = listener.status[-1]
    assert (status.source, status.state) == ("sample", "idle")
    assert (status.reason, status.message) == ("looking", "looking")
    figures = listener.diagnostics[-1].status[0]
    assert figures.message == "so so"
    assert {v.key: v.value for v in figures.values} == {"answer": "42"}


@pytest.mark.parametrize(
    ("how", "known"), [(signal.SIGKILL, Absence.ENDED), (signal.SIGSTOP, Absence.SILENT)]
)
def test_a_killed_or_frozen_node_is_missed(listener, start, how, known):
    process = start()
    wait_until(lambda: not listener.watch.missing())
    time.sleep(1.0)  # Which process it is may be heard later than that it is alive.
    process.send_signal(how)
    wait_until(lambda: listener.watch.missing() == {"sample": known})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_deactivates_the_node_and_ends_it_without_error(listener, start, how):
    process = start()
    wait_until(lambda: not listener.watch.missing())
    process.send_signal(how)
    output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "deactivated" in output
    wait_until(lambda: "sample" in listener.watch.missing())


def test_a_node_that_refuses_to_configure_says_why_and_ends_with_an_error(start):
    process = start("mood:=bad")
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "expected good, got bad" in output


def test_a_bug_in_a_transition_is_shown_with_its_trace(start):
    output, _ = start("mood:=broken").communicate(timeout=20)
    assert "RuntimeError: a bug" in output


def test_an_unknown_parameter_ends_the_node_with_its_name(start):
    process = start("moood:=good")
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "moood" in output
