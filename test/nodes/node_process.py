"""A node in a process of its own, and a small foreign node that talks to it: real middleware."""

import signal
import subprocess
import sys
import threading
import time

import rclpy
from bridge_interfaces.msg import TaskStatus
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

from bridge_ros.ros import topics


def wait_for(condition, timeout_s=20.0):
    """Wait until `condition()` is true; tells whether it became so."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


class NodeProcess:
    """One node of the package, started as the deployment starts it."""

    def __init__(self, name, **parameters):
        words = [word for k, v in parameters.items() for word in ("-p", f"{k}:={v}")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"bridge_ros.nodes.{name}_node", "--ros-args", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self):
        """Ctrl-C; returns the exit status and all that was printed."""
        self.process.send_signal(signal.SIGINT)
        return self.finish()

    def finish(self):
        try:
            output, _ = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            output, _ = self.process.communicate()
        return self.process.returncode, output


class Foreigner:
    """A node in this process that keeps all it hears, by topic, and spins beside the test."""

    def __init__(self, name="foreigner"):
        self.context = rclpy.Context()
        self.context.init()
        self.node = Node(name, context=self.context)
        self.heard = {}
        self._action_clients = []
        self._periodic = []
        self._lock = threading.Lock()
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._closing = False
        self.listen(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()

    def listen(self, kind, topic, qos):
        self.heard[topic] = []
        self.node.create_subscription(kind, topic, self.heard[topic].append, qos)

    def statuses(self, source, state=None, plan_id=None):
        return [
            message
            for message in list(self.heard[topics.STATUS])
            if message.source == source
            and state in (None, message.state)
            and plan_id in (None, message.plan_id)
        ]

    def stamp(self, offset_s=0.0):
        now = self.node.get_clock().now().nanoseconds + int(offset_s * 1e9)
        return rclpy.time.Time(nanoseconds=now).to_msg()

    def action_client(self, action, topic):
        client = ActionClient(self.node, action, topic)
        self._action_clients.append(client)
        return client

    def close(self):
        self._closing = True
        self._thread.join()
        for client in self._action_clients:
            client.destroy()  # The node does not, and after the node it would wait for ever.
        self.node.destroy_node()
        self.context.try_shutdown()

    def _spin(self):
        while not self._closing:
            self._executor.spin_once(timeout_sec=0.05)
