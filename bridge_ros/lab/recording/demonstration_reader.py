"""Reads a recorded episode as a demonstration."""

from __future__ import annotations

from pathlib import Path

from bridge_ros.demonstration import Demonstration, HandMotion, OperatorKind, RecordedPlan
from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.geometry.transform_tree import TransformTree
from bridge_ros.lab.recording.episode_folder import episodes_in
from bridge_ros.lab.recording.errors import EpisodeError
from bridge_ros.lab.recording.framesets import find_framesets
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.lab.recording.recorded_motion import RecordedMotion, decoded, read_motion
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import plan_from_msg, stamp_to_s
from bridge_ros.ros.static_transforms import put_transforms
from bridge_ros.status import Source, TaskOutcome, TaskState


class RecordingReader:
    """Implements `DemonstrationReader` for what `bridge-ros record` has written: one task a file.

    Of a planner's task the demonstration begins with the frame of the first plan, and ends with the
    task; what a person has driven is all of it.

    Args:
        sentence: of recordings in which none was said.
    """

    def __init__(self, sentence: str = "") -> None:
        self._sentence = sentence

    def find(self, folder: Path) -> list[Path]:
        """See `DemonstrationReader.find`; by number."""
        return episodes_in(folder)

    def read(self, path: Path) -> Demonstration:
        """See `DemonstrationReader.read`."""
        episode = RecordedEpisode(path)
        framesets = find_framesets(episode)
        begin_s = float(framesets.times_s[0])
        motion = read_motion(episode)
        plans, outcome, T_base_camera = _told(episode, begin_s)
        start_s = plans[0].time_s if plans else begin_s
        end_s = outcome[0] if outcome else float("inf")
        return Demonstration(
            source=path,
            name=path.stem,
            instruction=self._instruction(path, motion, begin_s),
            T_base_camera=T_base_camera,
            motion=_between(path, motion, start_s, end_s),
            frames=framesets.between(start_s, end_s),
            plans=plans,
            outcome=outcome[1] if outcome else None,
            operator=OperatorKind.EXPERT if plans else OperatorKind.PERSON,
        )

    def _instruction(self, path: Path, motion: RecordedMotion, begin_s: float) -> str:
        # A plan of before the recording is part of it, for its publisher latches it.
        said = [sentence for time_s, sentence in motion.sentences if time_s >= begin_s]
        sentences = list(dict.fromkeys(said)) or [self._sentence]
        if len(sentences) > 1:
            raise EpisodeError(
                f"{path}: expected one sentence, got {sentences}; record one task a file, with "
                "bridge-ros record --task"
            )
        if not sentences[0].strip():
            raise EpisodeError(f"{path}: holds no sentence; say what was done with --sentence")
        return sentences[0]


def _between(path: Path, motion: RecordedMotion, start_s: float, end_s: float) -> HandMotion:
    try:
        return motion.measured.together(start_s, end_s)
    except ConfigError as error:
        raise EpisodeError(
            f"{path}: holds too little of {topics.EE_POSE} or {topics.JOINT_STATES}: {error}"
        ) from error


def _told(
    episode: RecordedEpisode, begin_s: float
) -> tuple[tuple[RecordedPlan, ...], tuple[float, TaskOutcome] | None, FloatArray]:
    """The plans made from recorded frames, when and how their task ended, and `T_base_camera`."""
    plans: list[RecordedPlan] = []
    outcome: tuple[float, TaskOutcome] | None = None
    tree = TransformTree()
    for topic, _, message in decoded(episode, (topics.PLAN, topics.STATUS, topics.TF_STATIC)):
        if topic == topics.TF_STATIC:
            put_transforms(tree, message, lambda error: None)
            continue
        time_s = stamp_to_s(message.header.stamp)
        if time_s < begin_s:
            continue
        if topic == topics.PLAN:
            if (plan := plan_from_msg(message)) is not None:
                plans.append(RecordedPlan(time_s=time_s, plan=plan))
        elif plans and message.source == Source.PLANNER:
            state = TaskState.read(message.state)
            if state is not None and state.ended:
                outcome = time_s, TaskOutcome(state.value)
    try:
        T_base_camera = tree.lookup(topics.BASE_FRAME, topics.OPTICAL_FRAME)
    except ConfigError as error:
        raise EpisodeError(
            f"{episode.path}: does not say where the camera is: {topics.TF_STATIC}: {error}"
        ) from error
    return tuple(plans), outcome, T_base_camera
