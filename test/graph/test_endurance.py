import json
import subprocess
import sys

from conftest import HOST, SEED

NODES = {"sim", "camera", "trajectory", "expert", "planner", "controller"}


def test_a_deployment_gets_its_sentence_and_is_measured(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "bridge_ros.cli", "endure", "--minutes", "1"]
        + ["--seed", str(SEED), "--robot-host", HOST, "--out", str(tmp_path)],
        timeout=200,
    )
    report = json.loads((tmp_path / "endurance.json").read_text())
    (turn,) = report["turns"]
    assert report["sentences"] == 1
    assert report["succeeded"] == turn["success"]
    assert turn["sentence"] == "put the red cube on the blue cube"
    assert turn["timing"]["count"] > 50
    assert 15.0 < report["last"]["rate_hz"] < 21.0
    assert set(turn["processes"]) == NODES
    assert all(
        process["memory_mb"] > 10.0 and process["handles"] > 10
        for process in turn["processes"].values()
    )
    assert (tmp_path / "endurance.png").stat().st_size > 10_000
    assert {path.stem for path in (tmp_path / "logs").iterdir()} == NODES
