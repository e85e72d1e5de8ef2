"""Demonstrations as folders."""

import json

import numpy as np
import pytest
from demonstrations import CAMERA, T_BASE_CAMERA, pick_and_place, table_depth

from bridge_ros.demonstration import FolderReader, FrameFiles, OperatorKind, find_all
from bridge_ros.errors import ConfigError
from bridge_ros.status import TaskOutcome


def load(folder):
    return FolderReader().read(folder)


def test_a_demonstration_comes_back_as_it_was_written(tmp_path):
    written = pick_and_place(tmp_path / "one")
    loaded = load(tmp_path / "one")
    assert loaded.subgoals == (
        "grasp the red cube",
        "put the red cube on the green cube",
        "retreat",
    )
    assert loaded.instruction == "stack the red cube on the green cube"
    np.testing.assert_allclose(loaded.T_base_camera, T_BASE_CAMERA, atol=1e-12)
    for name, values in vars(loaded.motion).items():
        np.testing.assert_allclose(values, getattr(written.motion, name), atol=1e-12)
    frame = loaded.frames.read(1)
    assert frame.intrinsics == CAMERA
    assert frame.stamp_s == loaded.frames.times_s[1] > 1.0
    np.testing.assert_allclose(frame.depth_m, table_depth(), atol=6e-4)
    assert loaded.frames.files(1, tmp_path / "elsewhere").rgb.is_file()
    assert not (tmp_path / "elsewhere").exists(), "its images are files already"


def test_a_frame_is_not_read_before_it_is_asked_for(tmp_path):
    pick_and_place(tmp_path / "one")
    (tmp_path / "one" / "frames" / "0001.png").write_bytes(b"no image")
    loaded = load(tmp_path / "one")
    loaded.frames.read(0)
    with pytest.raises(ConfigError, match="0001.png: cannot be read"):
        loaded.frames.read(1)


def test_who_moved_the_arm_and_how_the_task_ended_may_be_missing_but_not_nonsense(tmp_path):
    file = pick_and_place(tmp_path / "one").source / "episode.json"
    entries = json.loads(file.read_text())
    file.write_text(json.dumps({**entries, "outcome": "failed", "operator": "person"}))
    loaded = load(tmp_path / "one")
    assert (loaded.outcome, loaded.operator) == (TaskOutcome.FAILED, OperatorKind.PERSON)
    del entries["operator"], entries["subgoals"]
    file.write_text(json.dumps(entries))
    loaded = load(tmp_path / "one")
    assert (loaded.outcome, loaded.operator, loaded.subgoals) == (None, OperatorKind.UNKNOWN, ())


def test_the_demonstrations_of_a_folder_are_found_by_name_and_one_that_was_cut_off_is_none(
    tmp_path,
):
    for name in ("b", "a", "c"):
        pick_and_place(tmp_path / name)
    (tmp_path / "c" / "episode.json").unlink()
    found = find_all(tmp_path, [FolderReader()])
    assert [path.name for _, path in found] == ["a", "b"]
    with pytest.raises(ConfigError, match="found none"):
        find_all(tmp_path / "a", [FolderReader()])
    with pytest.raises(ConfigError, match=r"each name once, found \['a', 'b'\]"):
        find_all(tmp_path, [FolderReader(), FolderReader()])


def test_a_missing_image_is_named(tmp_path):
    pick_and_place(tmp_path / "one")
    FrameFiles.of(tmp_path / "one" / "frames", 1).depth.unlink()
    with pytest.raises(ConfigError, match="0001_depth.png: missing"):
        load(tmp_path / "one")


def test_motion_that_could_hold_code_is_refused(tmp_path):
    motion = pick_and_place(tmp_path / "one").motion
    np.savez(
        tmp_path / "one" / "motion.npz",
        times_s=np.array([0.0, print], dtype=object),
        ee_poses=motion.ee_poses,
        widths_m=motion.widths_m,
    )
    with pytest.raises(ConfigError, match="cannot be read as an episode"):
        load(tmp_path / "one")


@pytest.mark.parametrize(
    ("entry", "value", "said"),
    [
        ("T_base_camera", [0, 0, 0, 0, 0, 0, 2], "unit quaternion"),
        ("frames_s", [0.0, 0.0], "ascend"),
        ("intrinsics", {"width": 0}, "cannot be read"),
        ("instruction", " ", "an instruction"),
        ("outcome", "splendid", "cannot be read"),
        ("operator", "ghost", "cannot be read"),
    ],
)
def test_what_is_wrong_with_an_episode_is_said(tmp_path, entry, value, said):
    pick_and_place(tmp_path / "one")
    file = tmp_path / "one" / "episode.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), entry: value}))
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "one")
