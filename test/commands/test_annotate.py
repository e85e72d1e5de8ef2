"""The command, from episodes to files."""

import json

import numpy as np
from demonstrations import pick_and_place
from PIL import Image

from bridge_ros.cli import main


def annotate(*arguments):
    try:
        main(["annotate", *map(str, arguments)])
    except SystemExit as end:
        return end.code


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_episodes_become_records_split_by_episode_and_sheets(tmp_path, capsys):
    for i in range(12):
        pick_and_place(tmp_path / "episodes" / f"demo-{i}", x=0.40 + 0.01 * i)
    out = tmp_path / "sft"
    assert annotate(tmp_path / "episodes", "--out", out, "--validation", "0.3") == 0
    train, validation = lines(out / "train.jsonl"), lines(out / "validation.jsonl")
    assert len(train) + len(validation) == 36 and train and validation
    sides = [{line["name"].split("/")[0] for line in part} for part in (train, validation)]
    assert not sides[0] & sides[1]
    assert json.loads((out / "dataset.json").read_text())["episodes"] == 12
    assert json.loads(capsys.readouterr().out)["refused"] == 0
    record = train[0]
    assert (out / record["images"][0]).is_file() and (out / record["depth"]).is_file()
    user = record["messages"][1]["content"]
    assert [part["type"] for part in user] == ["image", "text"]
    sheet = np.array(Image.open(out / "sheets" / "000.png"))
    assert (sheet == [255, 79, 154]).all(axis=-1).any(), "anchors are drawn in pink"


def test_the_split_does_not_change_when_episodes_are_added(tmp_path):
    for i in range(10):
        pick_and_place(tmp_path / "episodes" / f"demo-{i}")
    annotate(tmp_path / "episodes", "--out", tmp_path / "a", "--validation", "0.4", "--sheets", 0)
    before = {line["name"] for line in lines(tmp_path / "a" / "validation.jsonl")}
    pick_and_place(tmp_path / "episodes" / "another")
    annotate(tmp_path / "episodes", "--out", tmp_path / "b", "--validation", "0.4", "--sheets", 0)
    after = {line["name"] for line in lines(tmp_path / "b" / "validation.jsonl")}
    assert before <= after


def test_a_folder_without_episodes_is_an_error_that_says_so(tmp_path, capsys):
    assert annotate(tmp_path, "--out", tmp_path / "sft") == 1
    assert "as folders with episode.json" in capsys.readouterr().err
