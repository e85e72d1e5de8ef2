"""The whole verb on the real middleware: a publisher here, `bridge-ros record` in a process."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import rclpy
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from mcap_ros2.reader import read_ros2_messages
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import Image

from bridge_ros.lab.recording.episode_folder import episodes_in
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.ros import topics


class Graph:
    """Says what a graph says, in a context of its own: numbered targets, images, a task."""

    def __init__(self):
        self._context = rclpy.Context()
        self._context.init()
        self._node = Node("talking_graph", context=self._context)
        create = self._node.create_publisher
        self._targets = create(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        self._images = create(Image, topics.COLOR_IMAGE, topics.COMMAND)
        self._status = create(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._stop = threading.Event()
        self._talker = threading.Thread(target=self._talk)
        self._talker.start()

    def task(self, state):
        self._status.publish(
            TaskStatus(source="planner", state=state, instruction="pick up the red cube")
        )

    def recorder_is_here(self):
        return self._node.count_subscribers(topics.STATUS) > 0

    def close(self):
        self._stop.set()
        self._talker.join()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _talk(self):
        number = 0
        while not self._stop.wait(0.02):
            target = PoseStamped()
            target.pose.position.x = float(number)
            image = Image(height=20, width=30, encoding="rgb8", step=90)
            image.data.frombytes(bytes([number % 256]) * 1800)
            self._targets.publish(target)
            self._images.publish(image)
            number += 1


def wait_for(condition, timeout_s):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


@pytest.fixture(scope="module")
def graph():
    graph = Graph()
    yield graph
    graph.close()


def record(folder, *arguments):
    command = [sys.executable, "-m", "bridge_ros.cli", "record", "--out", str(folder), *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    )


def size(folder):
    return sum(path.stat().st_size for path in episodes_in(folder))


def targets(path):
    messages = RecordedEpisode(path).messages([topics.TARGET_POSE])
    return [int(deserialize_message(m.data, PoseStamped).pose.position.x) for m in messages]


def test_a_task_is_recorded_to_its_end_and_foreign_readers_understand_it(graph, tmp_path):
    process = record(tmp_path, "--task")
    assert wait_for(graph.recorder_is_here, 60.0), process.communicate(timeout=60)
    graph.task("executing")
    assert wait_for(lambda: size(tmp_path) > 50_000, 60.0)
    graph.task("succeeded")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "complete:" in output and "pick up the red cube" in output
    (path,) = episodes_in(tmp_path)
    ours = targets(path)
    assert len(ours) > 20 and ours == list(range(ours[0], ours[-1] + 1))
    assert RecordedEpisode(path).cut == ""

    by_others = {}
    for message in read_ros2_messages(str(path)):
        by_others.setdefault(message.channel.topic, []).append(message.ros_msg)
    assert [int(m.pose.position.x) for m in by_others[topics.TARGET_POSE]] == ours
    image = by_others[topics.COLOR_IMAGE][0]
    assert (image.height, image.width, image.encoding, len(image.data)) == (20, 30, "rgb8", 1800)
    assert by_others[topics.STATUS][-1].state == "succeeded"


def test_after_kill_9_all_but_the_newest_can_be_read_and_the_next_episode_is_another(
    graph, tmp_path
):
    process = record(tmp_path)
    assert wait_for(lambda: size(tmp_path) > 50_000, 60.0)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    (path,) = episodes_in(tmp_path)
    read = targets(path)
    assert len(read) > 10 and read == list(range(read[0], read[-1] + 1))

    process = record(tmp_path)
    assert wait_for(lambda: len(episodes_in(tmp_path)) == 2, 60.0)
    assert wait_for(lambda: episodes_in(tmp_path)[1].stat().st_size > 0, 60.0)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "episode-0002.mcap" in output
    assert targets(path) == read
