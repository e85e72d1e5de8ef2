"""Feeds recorded messages back to the graph, at their pace and as if they were said now."""

from __future__ import annotations

import time
from collections.abc import Collection
from functools import partial

from rclpy.node import Node
from rclpy.serialization import deserialize_message

from bridge_ros.errors import BridgeError
from bridge_ros.graph import GraphSession
from bridge_ros.graph.task_watch import TaskWatch
from bridge_ros.lab.recording.message_definitions import message_class
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import s_to_stamp, stamp_to_s

CAMERA = (topics.COLOR_IMAGE, topics.COLOR_INFO, topics.DEPTH_IMAGE, topics.DEPTH_INFO)
TARGETS = (topics.TARGET_POSE, topics.TARGET_GRIPPER_WIDTH)
MOVING = (topics.PLAN, *TARGETS)
"""What makes the arm move."""
_DISCOVERY_S = 1.5


def play(episode: RecordedEpisode, names: Collection[str]) -> dict[str, int]:
    """Publish the messages of some topics; stamps are moved to now, all by the same time.

    Ctrl-C ends it. To be called from the main thread.

    Returns:
        How many were published, by topic.

    Raises:
        BridgeError: if another camera publishes, a task runs that what is played would disturb, or
            the episode has nothing.
    """
    with GraphSession(partial(Node, "episode_player"), catch_signals=True) as session:
        node = session.node
        kinds = {m.topic: m.kind for m in episode.messages(names)}
        if not kinds:
            raise BridgeError(f"{episode.path}: holds nothing on {', '.join(sorted(names))}")
        tasks = TaskWatch(node)
        session.spin_for(_DISCOVERY_S)
        if rivals := [name for name in kinds if name in CAMERA and node.count_publishers(name)]:
            raise BridgeError(
                f"replay: somebody publishes on {', '.join(rivals)} already; stop that node first"
            )
        if (busy := tasks.busy()) and set(kinds) & set(MOVING):
            raise BridgeError(f"replay: {busy}; wait for its end, or cancel it")
        classes = {name: message_class(kind) for name, kind in kinds.items()}
        publishers = {
            name: node.create_publisher(
                classes[name],
                name,
                topics.LATCHED if name == topics.PLAN else topics.COMMAND,
            )
            for name in kinds
        }
        session.spin_for(_DISCOVERY_S)
        counts = dict.fromkeys(kinds, 0)
        later_s = 0.0
        for message in episode.messages(names):
            if not later_s:
                later_s = time.time() - message.time_ns * 1e-9
            wait_s = message.time_ns * 1e-9 + later_s - time.time()
            while wait_s > 0 and not session.asked_to_end:
                time.sleep(min(wait_s, 0.1))
                wait_s = message.time_ns * 1e-9 + later_s - time.time()
            if session.asked_to_end:
                break
            content = deserialize_message(message.data, classes[message.topic])
            if hasattr(content, "header"):
                content.header.stamp = s_to_stamp(stamp_to_s(content.header.stamp) + later_s)
            publishers[message.topic].publish(content)
            counts[message.topic] += 1
        return counts
