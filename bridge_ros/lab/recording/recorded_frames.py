"""An episode at a fixed rate, as policies are trained on: states, actions and images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bridge_ros.demonstration import HandStreams
from bridge_ros.errors import BridgeError
from bridge_ros.geometry.poses import FloatArray, pose_at, position_of, quaternion_of
from bridge_ros.lab.recording.lerobot import LeRobotFrames, png
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.lab.recording.recorded_motion import RecordedMotion, decoded, read_motion
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import color_from_msg, stamp_to_s

_POSE = ["x", "y", "z", "qx", "qy", "qz", "qw", "gripper_width"]
ACTION_NAMES = _POSE
STATE_NAMES = [*_POSE, *(f"joint{number}" for number in range(1, 8))]
_HAND_DOWN = np.array([1.0, 0.0, 0.0, 0.0])
_MAX_STATE_AGE_S = 0.5
_MAX_IMAGE_AGE_S = 1.0
_SAMPLES = 50
_SAMPLE_STEP = 4


def read_frames(episode: RecordedEpisode, *, fps: int, task: str | None = None) -> LeRobotFrames:
    """Frames from the first target to the last.

    A frame's state and image are the newest at its time, its action is the target nearest to it.
    Of the two quaternions that are one rotation, the one nearer to a hand pointing down is taken.

    Args:
        task: the sentence of frames for which none was recorded.

    Raises:
        BridgeError: if targets, states or images are missing, or have gaps.
    """
    motion = read_motion(episode)
    targets, measured = motion.commanded, motion.measured
    if not all(
        map(len, (targets.times_s, measured.times_s, measured.width_times_s, motion.joints))
    ):
        raise BridgeError(f"{episode.path}: holds no targets, or no states, to make frames of")
    count = 1 + int((targets.times_s[-1] - targets.times_s[0]) * fps)
    times_s = targets.times_s[0] + np.arange(count) / fps
    for name, known_s in (
        (topics.EE_POSE, measured.times_s),
        (topics.JOINT_STATES, motion.joint_times_s),
    ):
        _check_gaps(episode, name, known_s, times_s, _MAX_STATE_AGE_S)
    states = np.concatenate(
        [
            _rows(measured, times_s),
            motion.joints[_newest(motion.joint_times_s, times_s)],
        ],
        axis=1,
    )
    if not len(targets.width_times_s):
        targets = HandStreams(
            times_s=targets.times_s,
            poses=targets.poses,
            width_times_s=measured.width_times_s,
            widths_m=measured.widths_m,
        )
    image_times_s = np.array(
        [
            stamp_to_s(message.header.stamp)
            for _, _, message in decoded(episode, (topics.COLOR_IMAGE,))
        ]
    )
    if not len(image_times_s):
        raise BridgeError(f"{episode.path}: holds no images to make frames of")
    _check_gaps(episode, topics.COLOR_IMAGE, image_times_s, times_s, _MAX_IMAGE_AGE_S)
    used, image_of = np.unique(_newest(image_times_s, times_s), return_inverse=True)
    images, shape, sample = _images(episode, used)
    return LeRobotFrames(
        states=states.astype(np.float32),
        actions=_rows(targets, times_s + 0.5 / fps).astype(np.float32),
        image_of=image_of,
        images=images,
        image_shape=shape,
        sample=sample,
        tasks=_tasks(motion, times_s, task),
    )


def _rows(motion: HandStreams, times_s: FloatArray) -> FloatArray:
    """Pose and width `(T, 8)`, as they were at some times."""
    poses = motion.poses[_newest(motion.times_s, times_s)]
    quaternions = quaternion_of(poses)
    flipped = quaternions @ _HAND_DOWN < 0.0
    alike = np.where(flipped[:, None], -quaternions, quaternions)
    poses = pose_at(position_of(poses), alike)
    widths = motion.widths_m[_newest(motion.width_times_s, times_s)]
    return np.concatenate([poses, widths[:, None]], axis=1)


def _newest(known_s: FloatArray, times_s: FloatArray) -> NDArray[np.int64]:
    """The newest known at each time; the first one before there is any."""
    return np.maximum(np.searchsorted(known_s, times_s, side="right") - 1, 0)


def _check_gaps(
    episode: RecordedEpisode, name: str, known_s: FloatArray, times_s: FloatArray, limit_s: float
) -> None:
    """A frame must not pair what was commanded with what was seen long before."""
    age_s = float((times_s - known_s[_newest(known_s, times_s)]).max())
    if age_s > limit_s:
        raise BridgeError(
            f"{episode.path}: expected something on {name} every {limit_s:g} s, got a gap of "
            f"{age_s:.1f} s; was the recorder, or the computer, too slow?"
        )


def _images(
    episode: RecordedEpisode, used: NDArray[np.int64]
) -> tuple[list[bytes], tuple[int, int, int], NDArray[np.uint8]]:
    """Those images of the episode as PNG, their shape, and smaller ones of some."""
    wanted = set(used.tolist())
    sampled = set(used[:: max(len(used) // _SAMPLES, 1)].tolist())
    files: list[bytes] = []
    sample: list[NDArray[np.uint8]] = []
    shape = (0, 0, 0)
    for number, (_, _, message) in enumerate(decoded(episode, (topics.COLOR_IMAGE,))):
        if number not in wanted:
            continue
        rgb = color_from_msg(message)
        shape = rgb.shape
        files.append(png(rgb))
        if number in sampled:
            sample.append(rgb[::_SAMPLE_STEP, ::_SAMPLE_STEP])
    return files, shape, np.stack(sample)


def _tasks(motion: RecordedMotion, times_s: FloatArray, task: str | None) -> list[str]:
    sentences = motion.sentences or [(0.0, task or "")]
    begun = _newest(np.array([time_s for time_s, _ in sentences]), times_s)
    return [sentences[index][1] or task or "" for index in begun]
