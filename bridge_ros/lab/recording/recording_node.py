"""Hears the topics of an episode as the middleware delivers them, and hands them to a recorder."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from bridge_interfaces.msg import TaskStatus
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message

from bridge_ros.lab.recording.message_definitions import message_class, message_definition
from bridge_ros.lab.recording.recorder import EpisodeRecorder
from bridge_ros.lab.recording.recording_settings import TopicLists
from bridge_ros.ros import topics
from bridge_ros.status import Source, TaskState

_IMAGES = QoSProfile(depth=30, reliability=ReliabilityPolicy.RELIABLE)
"""A second of them may wait in the middleware, not gigabytes."""


class RecordingNode(Node):
    """Puts each message into the recorder with the time at which it was heard.

    Attributes:
        sentence: that of the task which runs, or ran last.
        tasks_ended: how many were seen to begin and to end.
        heard: how many messages.
    """

    def __init__(self, lists: TopicLists, context: Context | None = None) -> None:
        super().__init__("episode_recorder", context=context)
        self.sentence = ""
        self.tasks_ended = 0
        self.heard = 0
        self._busy = False
        self._lists = lists
        self._classes = {kind: message_class(kind) for kind in lists.types.values()}

    def announce(self, add_channel: Callable[[str, str, str], int]) -> dict[int, str]:
        """Announce every topic with its type and definition; returns the topics by channel."""
        self._channels = {
            topic: add_channel(topic, kind, message_definition(kind))
            for topic, kind in self._lists.types.items()
        }
        return {channel: topic for topic, channel in self._channels.items()}

    def listen(self, recorder: EpisodeRecorder) -> None:
        """Begin to hear; after `announce`."""
        for names, qos in (
            (self._lists.latched, topics.STATUS_QOS),
            (self._lists.reliable, topics.EVERY_MESSAGE),
            (self._lists.best_effort, topics.SENSOR),
        ):
            for topic, kind in names.items():
                self._subscribe(recorder, topic, kind, qos)

    def _subscribe(self, recorder: EpisodeRecorder, topic: str, kind: str, qos: QoSProfile) -> None:
        keep = partial(self._keep, recorder, self._channels[topic], topic == topics.STATUS)
        self.create_subscription(self._classes[kind], topic, keep, qos, raw=True)

    def _keep(self, recorder: EpisodeRecorder, channel: int, is_status: bool, data: bytes) -> None:
        self.heard += 1
        recorder.put(channel, time.time_ns(), data)
        if is_status:
            self._follow_task(deserialize_message(data, TaskStatus))

    def _follow_task(self, status: TaskStatus) -> None:
        state = TaskState.read(status.state)
        if status.source != Source.PLANNER or state is None:
            return
        if state.busy:
            self._busy, self.sentence = True, status.instruction or self.sentence
        elif self._busy and state.ended:
            self._busy = False
            self.tasks_ended += 1
