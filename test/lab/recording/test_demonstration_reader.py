"""What was recorded is a demonstration like any other."""

import json

import numpy as np
import pytest
from demonstrations import CAMERA, T_BASE_CAMERA, pick_and_place, table_depth
from recorded_demonstration import START_S, write_recorded

from bridge_ros.cli import VERBS
from bridge_ros.demonstration import OperatorKind
from bridge_ros.lab.recording.demonstration_reader import RecordingReader
from bridge_ros.lab.recording.errors import EpisodeError
from bridge_ros.ros import topics
from bridge_ros.status import TaskOutcome, TaskState


@pytest.fixture
def shown(tmp_path):
    return pick_and_place(tmp_path / "as_a_folder" / "shown")


@pytest.fixture
def file(tmp_path):
    (tmp_path / "recorded").mkdir()
    return tmp_path / "recorded" / "episode-0001.mcap"


def read(file, sentence=""):
    return RecordingReader(sentence).read(file)


def test_a_recording_is_the_demonstration_that_was_heard_from_first_plan_to_outcome(shown, file):
    heard = read(write_recorded(file, shown))
    assert heard.name == "episode-0001"
    assert heard.instruction == shown.instruction
    assert (heard.outcome, heard.operator) == (TaskOutcome.SUCCEEDED, OperatorKind.EXPERT)
    np.testing.assert_allclose(heard.T_base_camera, T_BASE_CAMERA, atol=1e-9)
    assert len(heard.motion.times_s) == len(shown.motion.times_s)
    np.testing.assert_allclose(heard.motion.times_s - START_S, shown.motion.times_s, atol=1e-6)
    np.testing.assert_allclose(heard.motion.ee_poses, shown.motion.ee_poses, atol=1e-9)
    np.testing.assert_allclose(heard.motion.widths_m, shown.motion.widths_m, atol=1e-9)
    np.testing.assert_allclose(heard.frames.times_s - START_S, shown.frames.times_s, atol=1e-6)
    assert [one.plan.subgoal for one in heard.plans] == list(shown.subgoals)
    assert heard.plans[1].time_s == heard.frames.times_s[1]


def test_frames_are_read_one_at_a_time_in_any_order_and_kept_as_files_on_demand(
    shown, file, tmp_path
):
    frames = read(write_recorded(file, shown)).frames
    for number in (2, 0, 0, 1):
        frame = frames.read(number)
        assert frame.stamp_s == frames.times_s[number]
        assert frame.intrinsics == CAMERA
        np.testing.assert_allclose(frame.depth_m, table_depth(), atol=6e-4)
    frames.files(1, tmp_path / "images")
    written = sorted(path.name for path in (tmp_path / "images").iterdir())
    assert written == ["0001.png", "0001_depth.png"]


def test_what_a_person_has_driven_is_all_of_it_and_needs_a_sentence(shown, file):
    write_recorded(file, shown, planned=False)
    with pytest.raises(EpisodeError, match="--sentence"):
        read(file)
    heard = read(file, "stack the red cube on the green cube")
    assert heard.instruction == "stack the red cube on the green cube"
    assert (heard.outcome, heard.operator) == (None, OperatorKind.PERSON)
    assert len(heard.motion.times_s) == len(shown.motion.times_s)


@pytest.mark.parametrize(
    "topic",
    [
        topics.DEPTH_IMAGE,
        topics.COLOR_IMAGE,
        topics.COLOR_INFO,
        topics.TF_STATIC,
        topics.EE_POSE,
        topics.JOINT_STATES,
    ],
)
def test_what_is_missing_is_named(shown, file, topic):
    write_recorded(file, shown, without=(topic,))
    with pytest.raises(EpisodeError, match=f"episode-0001.mcap.*{topic}"):
        read(file)


def test_two_tasks_in_one_file_are_no_demonstration(shown, file):
    write_recorded(file, shown, sentence="do something else")
    with pytest.raises(EpisodeError, match=r"expected one sentence.*record --task"):
        read(file)


def annotate(folder, out, *more):
    verb, arguments = VERBS.parse(["annotate", str(folder), "--out", str(out), *more])
    code = verb.run(arguments)
    parts = [(out / name).read_text() for name in ("train.jsonl", "validation.jsonl")]
    lines = [json.loads(line) for part in parts for line in part.splitlines()]
    return code, {line["name"].rpartition("/")[2]: line for line in lines}


def test_a_recording_is_annotated_as_the_same_demonstration_in_a_folder_is(shown, file, tmp_path):
    write_recorded(file, shown)
    code, recorded = annotate(file.parent, tmp_path / "sft")
    _, from_folder = annotate(shown.source.parent, tmp_path / "sft_of_folder")
    assert code == 0 and sorted(recorded) == ["0", "1", "2"]
    for number, line in recorded.items():
        image, depth = tmp_path / "sft" / line.pop("images")[0], line.pop("depth")
        assert image.is_file() and (tmp_path / "sft" / depth).is_file()
        assert line.pop("name") == f"episode-0001/{number}"
        assert line == {name: from_folder[number][name] for name in line}
    assert (tmp_path / "sft" / "sheets" / "000.png").is_file()


def test_a_recorded_failure_is_no_example(shown, file, tmp_path):
    write_recorded(file, shown, ended=TaskState.FAILED)
    code, lines = annotate(file.parent, tmp_path / "sft")
    assert code == 1 and not lines
    told = json.loads((tmp_path / "sft" / "dataset.json").read_text())
    assert told["refused_because"] == {"the task ended as failed": 1}
