import json
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from table_scene import DEPTH, GOOD, INTRINSICS, RGB, ScriptedModel

from bridge_ros.errors import PlanError
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.vlm.logged_planner import LoggedPlanner
from bridge_ros.planner.vlm.plan_log import PlanLog
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner


class Reader(HTMLParser):
    """Collects tags and text of a page; chokes on none."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def ask(log, script=GOOD, instruction="pick up the red cube"):
    planner = LoggedPlanner(VlmPlanner(ScriptedModel(script)), log, PlanLimits())
    return planner.plan(RGB, DEPTH, INTRINSICS, instruction, ())


def test_a_plan_is_kept_with_image_depth_words_and_verdict(tmp_path):
    ask(PlanLog(tmp_path, 9))
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert np.array_equal(np.asarray(Image.open(folder / "image.png")), RGB)
    assert (np.asarray(Image.open(folder / "depth.png")) == 800).all()
    record = json.loads((folder / "record.json").read_text())
    assert record["verdict"] == "accepted"
    assert record["plan"]["pixels"][-1] == [320.0, 240.0]
    assert [role for role, _ in record["transcript"]].count("assistant") == 2
    page = Reader(folder / "index.html")
    circles = [attributes for tag, attributes in page.tags if tag == "circle"]
    assert [(c["cx"], c["cy"]) for c in circles][-1] == ("320.5", "240.5")
    assert len(circles) == 3
    assert GOOD[1] in page.text
    listed = Reader(tmp_path / "index.html")
    assert ("a", {"href": f"{folder.name}/index.html"}) in listed.tags
    assert "the newest first: 1" in listed.text


def test_a_refused_plan_is_kept_with_its_reason(tmp_path):
    with pytest.raises(PlanError):
        ask(PlanLog(tmp_path, 9), ["nonsense"])
    page = Reader(next(tmp_path.glob("*/index.html")))
    assert "refused: PlanError: reply: expected one JSON object, got nonsense" in page.text


def test_what_was_said_cannot_become_part_of_the_page(tmp_path):
    steering = "</pre><script>alert('x')</script><img src=x onerror=alert(1)>"
    with pytest.raises(PlanError):
        ask(PlanLog(tmp_path, 9), [steering], instruction=steering)
    for path in (tmp_path / "index.html", next(tmp_path.glob("*/index.html"))):
        page = Reader(path)
        assert steering in page.text
        assert "script" not in {tag for tag, _ in page.tags}
        assert not any("onerror" in attributes for _, attributes in page.tags)


def test_only_the_newest_plans_are_kept(tmp_path):
    log = PlanLog(tmp_path, 2)
    for number in range(4):
        ask(log, instruction=f"number {number}")
    assert len(list(tmp_path.glob("*/record.json"))) == 2
    text = Reader(tmp_path / "index.html").text
    assert text.index("number 3") < text.index("number 2")
    assert "number 1" not in text


@pytest.mark.parametrize("content", ["", "[]", '{"name": "x"}', '{"name": 1, "plan": 2}'])
def test_what_others_left_in_the_folder_does_no_harm(tmp_path, content):
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "record.json").write_text(content)
    ask(PlanLog(tmp_path, 9))
    assert "the newest first: 1" in Reader(tmp_path / "index.html").text


def test_a_log_that_cannot_be_written_costs_no_plan(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert ask(PlanLog(blocked, 9)).subgoal == "grasp the red cube"
    assert "was not logged" in caplog.text
