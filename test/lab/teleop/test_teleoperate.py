"""The whole verb: keys through a pseudo terminal, and the targets that come of them."""

import os
import pty
import select
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rclpy
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, pose_to_stamped

HOME = np.array([0.4, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])


class Robot:
    """Follows targets at once and says where it is, in a context of its own."""

    def __init__(self):
        self.targets = []
        self.planner = "idle"
        self._context = rclpy.Context()
        self._context.init()
        self._node = node = Node("robot", context=self._context)
        node.create_subscription(
            PoseStamped, topics.TARGET_POSE, self._on_target, topics.EVERY_MESSAGE
        )
        self._status = node.create_publisher(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._pose = node.create_publisher(PoseStamped, topics.EE_POSE, topics.RELIABLE)
        self._joints = node.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
        node.create_timer(0.04, self._speak)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(node)
        self._closing = False
        self._thread = threading.Thread(target=self._spin)
        self._thread.start()

    def close(self):
        self._closing = True
        self._thread.join()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _spin(self):
        while not self._closing:
            self._executor.spin_once(timeout_sec=0.05)

    def _on_target(self, message):
        self.targets.append(pose_from_msg(message.pose))

    def _speak(self):
        stamp = self._node.get_clock().now().to_msg()
        for source, state in (("controller", "hold"), ("planner", self.planner)):
            status = TaskStatus(source=source, state=state, reason="targets_silent")
            status.header.stamp = stamp
            self._status.publish(status)
        names = [f"fr3_joint{n}" for n in range(1, 8)] + ["finger_joint1", "finger_joint2"]
        self._joints.publish(JointState(name=names, position=[0.0] * 7 + [0.02, 0.02]))
        pose = self.targets[-1] if self.targets else HOME
        self._pose.publish(pose_to_stamped(pose, frame_id=topics.BASE_FRAME, stamp=stamp))


class Teleop:
    """`bridge-ros teleop` in a terminal of its own."""

    def __init__(self):
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge_ros.cli", "teleop"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.said = ""

    def press(self, key):
        os.write(self._ours, key)

    def listen(self):
        """Take up what it says; tells whether it still runs."""
        if select.select([self._ours], [], [], 0.05)[0]:
            try:
                self.said += os.read(self._ours, 65536).decode(errors="replace")
            except OSError:  # So a terminal ends whose other side is closed.
                return False
        return True

    def finish(self):
        while self.listen():
            pass
        return self.process.wait(60)


@pytest.fixture
def robot():
    robot = Robot()
    yield robot
    robot.close()


@pytest.fixture
def teleop():
    teleop = Teleop()
    yield teleop
    teleop.process.kill()
    teleop.process.wait()


def until(teleop, condition, *, key=None, timeout_s=60.0):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end and not condition():
        if key:
            teleop.press(key)
        teleop.listen()
    return bool(condition())


def test_keys_move_the_target_letting_go_ends_them_and_a_task_takes_over(robot, teleop):
    assert until(teleop, lambda: "hold a key to move" in teleop.said), teleop.said
    assert not robot.targets, "nothing is sent before a key is pressed"
    assert until(teleop, lambda: len(robot.targets) > 10, key=b"w"), teleop.said
    sent = np.array(robot.targets)
    assert (np.diff(sent[:, 0]) >= 0.0).all() and sent[-1, 0] > HOME[0]
    assert np.abs(sent[:, 1:] - HOME[1:]).max() < 1e-6
    steps = np.diff(np.concatenate([HOME[None, :3], sent[:, :3]]), axis=0)
    assert np.linalg.norm(steps, axis=1).max() <= 0.08 * 0.1 + 1e-9

    def silent():
        before = len(robot.targets)
        until(teleop, lambda: False, timeout_s=0.5)
        return len(robot.targets) == before

    assert until(teleop, silent), "no key, no targets"
    robot.planner = "executing"
    assert teleop.finish() == 1
    assert "a task is running: the planner is executing" in teleop.said


def test_it_does_not_start_while_a_task_runs(robot, teleop):
    robot.planner = "thinking"
    assert teleop.finish() == 1
    assert "a task is running: the planner is thinking" in teleop.said
    assert not robot.targets
