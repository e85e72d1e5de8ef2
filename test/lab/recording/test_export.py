import json

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from recorded_pick import IMAGES, SENTENCE, TARGETS, commanded, write_pick

from bridge_ros.cli import main
from bridge_ros.errors import ConfigError
from bridge_ros.lab.recording.lerobot import ACTION, IMAGE, STATE, LeRobotDataset
from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.lab.recording.recorded_frames import read_frames


def export(*arguments):
    with pytest.raises(SystemExit) as end:
        main(["export", *map(str, arguments)])
    return end.value.code


def load(root):
    """The rows as LeRobot loads them: HF datasets, with the features that info.json tells of."""
    info = json.loads((root / "meta/info.json").read_text())
    kinds = {}
    for name, feature in info["features"].items():
        value = datasets.Value(feature["dtype"]) if feature["dtype"] != "image" else None
        if value is None:
            kinds[name] = datasets.Image()
        elif feature["shape"] == [1]:
            kinds[name] = value
        else:
            kinds[name] = datasets.Sequence(value, length=feature["shape"][0])
    files = sorted(str(path) for path in (root / "data").glob("*/*.parquet"))
    rows = datasets.Dataset.from_parquet(
        files, features=datasets.Features(kinds), cache_dir=str(root.parent / "cache")
    )
    return info, rows


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    write_pick(folder / "episode-0001.mcap")
    write_pick(folder / "episode-0002.mcap", finish=False, sentence="", widths=False)
    code = export(folder, "--out", folder / "dataset", "--task", "drive by hand")
    assert code == 0
    return folder / "dataset"


def test_rows_are_frames_at_the_control_rate_with_consistent_indices(dataset):
    info, rows = load(dataset)
    assert info["codebase_version"] == "v3.0" and info["fps"] == 20
    assert len(rows) == info["total_frames"] == 2 * TARGETS
    assert rows["index"][:] == list(range(2 * TARGETS))
    assert rows["frame_index"][:] == 2 * list(range(TARGETS))
    assert rows["episode_index"][:] == [0] * TARGETS + [1] * TARGETS
    expected = 2 * [number / 20 for number in range(TARGETS)]
    assert rows["timestamp"][:] == pytest.approx(expected, abs=1e-6)


def test_the_action_is_the_target_and_the_state_what_was_measured_before_it(dataset):
    _, rows = load(dataset)
    for number in (0, 7, TARGETS - 1):
        row = rows[number]
        time_s = number / 20
        assert row[ACTION] == pytest.approx([*commanded(time_s), 0.03], abs=1e-6)
        measured_s = np.floor(time_s / 0.04 + 1e-6) * 0.04
        assert row[STATE][:3] == pytest.approx(commanded(measured_s)[:3] - [0.005, 0, 0], abs=1e-6)
        assert row[STATE][3:8] == pytest.approx([1, 0, 0, 0, 0.04], abs=1e-6), "one sign for both"
        assert row[STATE][8:] == pytest.approx([0.1 * n for n in range(7)])
    assert rows[TARGETS][ACTION][7] == pytest.approx(0.04), "no width was sent: the measured one"


def test_images_are_the_newest_at_their_frame(dataset):
    _, rows = load(dataset)
    for number in (0, 9, TARGETS - 1):
        image = np.asarray(rows[number][IMAGE])
        assert image.shape == (24, 32, 3)
        assert np.unique(image).tolist() == [10 * (number // 2)]


def test_sentences_become_tasks(dataset):
    tasks = pq.read_table(dataset / "meta/tasks.parquet").to_pandas()
    assert list(tasks.index) == [SENTENCE, "drive by hand"]
    assert tasks.loc["drive by hand"].task_index == 1
    _, rows = load(dataset)
    assert rows["task_index"][:] == [0] * TARGETS + [1] * TARGETS
    episodes = pq.read_table(dataset / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [episode["tasks"] for episode in episodes] == [[SENTENCE], ["drive by hand"]]
    assert [episode["dataset_to_index"] for episode in episodes] == [TARGETS, 2 * TARGETS]
    assert [episode["data/file_index"] for episode in episodes] == [0, 1]


def test_statistics_are_those_of_the_rows(dataset):
    stats = json.loads((dataset / "meta/stats.json").read_text())
    info, rows = load(dataset)
    assert set(stats) == set(info["features"])
    actions = np.array(rows[ACTION][:])
    assert stats[ACTION]["mean"] == pytest.approx(actions.mean(axis=0).tolist(), abs=1e-5)
    assert stats[ACTION]["std"] == pytest.approx(actions.std(axis=0).tolist(), abs=1e-5)
    assert stats[ACTION]["max"] == pytest.approx(actions.max(axis=0).tolist(), abs=1e-5)
    assert stats[ACTION]["count"] == [2 * TARGETS]
    assert np.shape(stats[IMAGE]["mean"]) == (3, 1, 1)
    grey = np.mean([10 * number for number in range(IMAGES)]) / 255
    assert stats[IMAGE]["mean"][0][0][0] == pytest.approx(grey, abs=0.01)


def test_frames_at_another_rate(tmp_path):
    frames = read_frames(RecordedEpisode(write_pick(tmp_path / "a.mcap")), fps=10)
    assert len(frames.states) == 21
    assert frames.actions[3, 0] == pytest.approx(commanded(0.3)[0], abs=1e-6)


def test_an_episode_without_motion_or_with_gaps_is_left_out_and_said_so(tmp_path, capsys):
    write_pick(tmp_path / "episode-0001.mcap")
    (tmp_path / "episode-0002.mcap").write_bytes(b"")
    write_pick(tmp_path / "episode-0003.mcap", last_state=20)
    assert export(tmp_path, "--out", tmp_path / "dataset") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.count("left out") == 2
    assert "/bridge/ee_pose every 0.5 s, got a gap of 1.2 s" in said
    assert len(load(tmp_path / "dataset")[1]) == TARGETS


def test_a_dataset_is_not_mixed_with_what_is_there(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match="new or empty folder"):
        LeRobotDataset(tmp_path, fps=20, state_names=["x"], action_names=["x"])


def test_a_cut_episode_becomes_a_whole_file(tmp_path, capsys):
    cut = write_pick(tmp_path / "cut.mcap", finish=False)
    assert export(cut, "--format", "mcap", "--out", tmp_path / "whole.mcap") == 0
    whole = RecordedEpisode(tmp_path / "whole.mcap")
    assert len(list(whole.messages())) == len(list(RecordedEpisode(cut).messages()))
    assert whole.cut == ""
