import json
import re
import sys
from pathlib import Path

import pytest

from bridge_ros.cli import VERBS
from bridge_ros.errors import ConfigError

sys.path.append(str(Path(__file__).resolve().parents[1] / "planner" / "vlm"))


def run_suite(out, *extra):
    given = ["--method", "ik", "--tasks", "open_drawer", "--seed", "1000", "--out", str(out)]
    verb, arguments = VERBS.parse(["eval", *given, *extra])
    return verb.run(arguments)


def test_a_suite_reports_and_resumes_where_it_stopped(tmp_path, capsys):
    assert run_suite(tmp_path, "--trials", "1") == 0
    before = (tmp_path / "trials.jsonl").read_text()
    assert run_suite(tmp_path, "--trials", "2") == 0
    lines = (tmp_path / "trials.jsonl").read_text().splitlines(keepends=True)
    assert lines[0] == before
    assert [json.loads(line)["seed"] for line in lines] == [1000, 1001]
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["tasks"]["open_drawer"]["trials"] == 2
    assert (tmp_path / "success.png").exists()
    assert (tmp_path / "films" / "open_drawer.gif").read_bytes().startswith(b"GIF89a")
    assert "Open Drawer" in capsys.readouterr().out


def test_an_unknown_task_of_a_suite_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"got \['juggle'\]"):
        run_suite(tmp_path, "--tasks", "juggle")


def test_a_model_s_plans_are_made_closed_loop_and_its_weights_are_evidence(tmp_path):
    pytest.importorskip("transformers")
    import tiny_models

    model = tiny_models.llava(tmp_path / "model")
    run = ["--planner", "vlm", "--planner-model", str(model), "--trials", "1", "--no-films"]
    assert run_suite(tmp_path / "run", *run) == 0
    trial = json.loads((tmp_path / "run" / "trials.jsonl").read_text())
    # Untrained: what it says is no plan.
    assert (trial["failure"], trial["success"]) == ("planner", False)
    assert re.search("(reply|anchor): expected", trial["message"])
    with (tmp_path / "model" / "config.json").open("a") as file:
        file.write("\n")
    with pytest.raises(ConfigError, match="another condition, checkpoint, model"):
        run_suite(tmp_path / "run", *run)


def test_only_planner_vlm_has_a_model(tmp_path):
    with pytest.raises(ConfigError, match="planner_model: expected a folder for planner vlm"):
        run_suite(tmp_path, "--planner", "classical", "--planner-model", "models")
    with pytest.raises(ConfigError, match="expected a model in models, found none; train one"):
        run_suite(tmp_path, "--planner", "vlm", "--planner-model", "models")
