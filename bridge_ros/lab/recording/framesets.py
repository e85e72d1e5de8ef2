"""The RGB-D frames of a recorded episode: colour and depth of one stamp, read one at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rclpy.serialization import deserialize_message
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.demonstration import FrameFiles, write_frame
from bridge_ros.errors import BridgeError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.lab.recording.errors import EpisodeError
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import frame_from_msgs


class Framesets:
    """Implements `Frames`; made by `find_framesets`."""

    def __init__(self, episode: RecordedEpisode, info: CameraInfo, stamps_ns: list[int]) -> None:
        self._episode, self._info, self._stamps_ns = episode, info, stamps_ns
        self._passing = self._pairs()
        self._passed = -1
        self._newest: RGBDFrame | None = None

    @property
    def times_s(self) -> FloatArray:
        """See `Frames.times_s`."""
        return np.array([_seconds(stamp) for stamp in self._stamps_ns], dtype=np.float64)

    def between(self, start_s: float, end_s: float) -> Framesets:
        """Only the frames from one time to another."""
        stamps = [stamp for stamp in self._stamps_ns if start_s <= _seconds(stamp) <= end_s]
        return Framesets(self._episode, self._info, stamps)

    def read(self, number: int) -> RGBDFrame:
        """See `Frames.read`."""
        wanted = self._stamps_ns[number]
        if self._newest is not None and self._passed == wanted:
            return self._newest
        if wanted <= self._passed:
            self._passing = self._pairs()
        self._passed, self._newest = wanted, None
        pair = next((pair for pair in self._passing if pair.stamp_ns == wanted), None)
        if pair is None:
            raise EpisodeError(f"{self._episode.path}: frame {number} cannot be read again")
        try:
            self._newest = frame_from_msgs(
                deserialize_message(pair.color, Image),
                deserialize_message(pair.depth, Image),
                self._info,
            )
        except BridgeError as error:
            raise EpisodeError(f"{self._episode.path}: frame {number}: {error}") from error
        return self._newest

    def files(self, number: int, folder: Path) -> FrameFiles:
        """See `Frames.files`."""
        frame = self.read(number)
        return write_frame(folder, number, frame.rgb, frame.depth_m)

    def _pairs(self) -> Iterator[_Pair]:
        waiting: dict[int, dict[str, bytes]] = {}
        for message in self._episode.messages((topics.COLOR_IMAGE, topics.DEPTH_IMAGE)):
            stamp_ns = _stamp_ns(message.data)
            halves = waiting.setdefault(stamp_ns, {})
            halves[message.topic] = message.data
            if len(halves) == 2:
                yield _Pair(stamp_ns, halves[topics.COLOR_IMAGE], halves[topics.DEPTH_IMAGE])
                # What lacks its other half by now does not get it any more.
                waiting = {other: half for other, half in waiting.items() if other > stamp_ns}


class _Pair(NamedTuple):
    """Colour and depth of one stamp, as they were serialised."""

    stamp_ns: int
    color: bytes
    depth: bytes


def find_framesets(episode: RecordedEpisode) -> Framesets:
    """The frames of an episode: those of which there are colour and depth.

    Raises:
        EpisodeError: naming the topic on which something is missing.
    """
    stamps: dict[str, set[int]] = {topics.COLOR_IMAGE: set(), topics.DEPTH_IMAGE: set()}
    info: bytes | None = None
    for message in episode.messages((*stamps, topics.COLOR_INFO)):
        if message.topic == topics.COLOR_INFO:
            info = message.data
        else:
            stamps[message.topic].add(_stamp_ns(message.data))
    for topic, known in stamps.items():
        if not known:
            raise EpisodeError(f"{episode.path}: holds no images on {topic}")
    if info is None:
        raise EpisodeError(f"{episode.path}: holds no intrinsics on {topics.COLOR_INFO}")
    common = sorted(set.intersection(*stamps.values()))
    if not common:
        raise EpisodeError(f"{episode.path}: holds no colour and depth of one stamp")
    return Framesets(episode, deserialize_message(info, CameraInfo), common)


def _stamp_ns(data: bytes) -> int:
    """The stamp of a serialised message that begins with a header; the rest is not read."""
    seconds, nanoseconds = struct.unpack_from("<iI" if data[1] & 1 else ">iI", data, 4)
    return int(seconds) * 10**9 + int(nanoseconds)


def _seconds(stamp_ns: int) -> float:
    """As `stamp_to_s` has it, to the last bit."""
    return float(stamp_ns // 10**9) + float(stamp_ns % 10**9) * 1e-9
