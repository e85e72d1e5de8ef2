"""Episodes on disk."""

import json

import numpy as np
import pytest
from demonstrations import pick_and_place, table_depth

from bridge_ros.errors import ConfigError
from bridge_ros.lab.annotation.episode import Episode, find_episodes, read_depth, read_rgb


def test_an_episode_comes_back_as_it_was_saved(tmp_path):
    saved = pick_and_place(tmp_path / "one")
    loaded = Episode.load(tmp_path / "one")
    assert (loaded.instruction, loaded.subgoals) == (saved.instruction, saved.subgoals)
    assert loaded.intrinsics == saved.intrinsics
    for name in ("T_base_camera", "times_s", "ee_poses", "widths_m", "frames_s"):
        np.testing.assert_allclose(getattr(loaded, name), getattr(saved, name), atol=1e-12)
    assert read_rgb(loaded.rgb_file(0)).shape == (480, 640, 3)
    np.testing.assert_allclose(read_depth(loaded.depth_file(0)), table_depth(), atol=6e-4)


def test_the_episodes_of_a_folder_are_found_by_name_and_one_that_was_cut_off_is_none(tmp_path):
    for name in ("b", "a", "c"):
        pick_and_place(tmp_path / name)
    (tmp_path / "c" / "episode.json").unlink()
    assert [folder.name for folder in find_episodes(tmp_path)] == ["a", "b"]
    with pytest.raises(ConfigError, match="found none"):
        find_episodes(tmp_path / "a")


def test_a_missing_image_is_named(tmp_path):
    episode = pick_and_place(tmp_path / "one")
    episode.depth_file(1).unlink()
    with pytest.raises(ConfigError, match="0001_depth.png: missing"):
        Episode.load(tmp_path / "one")


def test_motion_that_could_hold_code_is_refused(tmp_path):
    episode = pick_and_place(tmp_path / "one")
    np.savez(
        tmp_path / "one" / "motion.npz",
        times_s=np.array([0.0, print], dtype=object),
        ee_poses=episode.ee_poses,
        widths_m=episode.widths_m,
    )
    with pytest.raises(ConfigError, match="cannot be read as an episode"):
        Episode.load(tmp_path / "one")


@pytest.mark.parametrize(
    ("entry", "value", "said"),
    [
        ("T_base_camera", [0, 0, 0, 0, 0, 0, 2], "unit quaternion"),
        ("frames_s", [0.0, 0.0], "ascend"),
        ("intrinsics", {"width": 0}, "cannot be read"),
        ("instruction", " ", "an instruction"),
    ],
)
def test_what_is_wrong_with_an_episode_is_said(tmp_path, entry, value, said):
    pick_and_place(tmp_path / "one")
    file = tmp_path / "one" / "episode.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), entry: value}))
    with pytest.raises(ConfigError, match=said):
        Episode.load(tmp_path / "one")
