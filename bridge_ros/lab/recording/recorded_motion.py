"""What was commanded and what the arm did, out of a recorded episode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rclpy.serialization import deserialize_message

from bridge_ros.demonstration import HandStreams
from bridge_ros.lab.recording.message_definitions import message_class
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, stamp_to_s
from bridge_ros.ros.joint_states import arm_from_joint_state, width_from_joint_state

_MOTION_TOPICS = (
    topics.PLAN,
    topics.TRAJECTORY,
    topics.TARGET_POSE,
    topics.TARGET_GRIPPER_WIDTH,
    topics.EE_POSE,
    topics.JOINT_STATES,
)


def decoded(episode: RecordedEpisode, names: tuple[str, ...]) -> Iterator[tuple[str, float, Any]]:
    """Messages of some topics as `(topic, when it was heard [s], message)`."""
    for message in episode.messages(names):
        yield (
            message.topic,
            message.time_ns * 1e-9,
            deserialize_message(message.data, message_class(message.kind)),
        )


@dataclass
class RecordedMotion:
    """The motion of an episode; times are the messages' own stamps, epoch seconds.

    Attributes:
        commanded, measured: hand and gripper, base frame.
        joint_times_s: `(J,)`. joints: `(J, 7)` [rad], of an arm with seven.
        sentences: when which one began to be carried out.
        marks: when each stage's trajectory was made, with its subgoal.
    """

    commanded: HandStreams
    measured: HandStreams
    joint_times_s: np.ndarray[Any, Any]
    joints: np.ndarray[Any, Any]
    sentences: list[tuple[float, str]] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)


def read_motion(episode: RecordedEpisode) -> RecordedMotion:
    """Read all of an episode but its images."""
    heard: dict[str, list[tuple[float, Any]]] = {name: [] for name in _MOTION_TOPICS}
    for topic, heard_s, message in decoded(episode, _MOTION_TOPICS):
        stamped = hasattr(message, "header")
        time_s = stamp_to_s(message.header.stamp) if stamped else heard_s
        heard[topic].append((time_s, message))
    states = heard[topics.JOINT_STATES]
    widths = [(t, w) for t, m in states if (w := width_from_joint_state(m)) is not None]
    joints = [(t, j) for t, m in states if (j := arm_from_joint_state(m)) is not None]
    plans = [message for _, message in heard[topics.PLAN] if message.waypoints]
    subgoals = {plan.plan_id: plan.subgoal for plan in plans}
    return RecordedMotion(
        commanded=_motion(
            heard[topics.TARGET_POSE], [(t, m.data) for t, m in heard[topics.TARGET_GRIPPER_WIDTH]]
        ),
        measured=_motion(heard[topics.EE_POSE], widths),
        joint_times_s=np.array([t for t, _ in joints]),
        joints=np.array([j for _, j in joints]).reshape(-1, 7),
        sentences=[(stamp_to_s(plan.header.stamp), plan.instruction) for plan in plans],
        marks=[
            (time_s, subgoals.get(message.plan_id, ""))
            for time_s, message in heard[topics.TRAJECTORY]
            if message.poses
        ],
    )


def _motion(poses: list[tuple[float, Any]], widths: list[tuple[float, float]]) -> HandStreams:
    return HandStreams(
        times_s=np.array([t for t, _ in poses]),
        poses=np.array([pose_from_msg(m.pose) for _, m in poses]).reshape(-1, 7),
        width_times_s=np.array([t for t, _ in widths]),
        widths_m=np.array([w for _, w in widths]),
    )
