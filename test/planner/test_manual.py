import json

import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation
from table_scene import DEPTH, INTRINSICS, RGB, WAYPOINTS

from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.geometry.poses import compose
from bridge_ros.plan import PlanLimits, StageRecord, check_plan
from bridge_ros.planner.manual import ManualPlanner, ManualSettings
from bridge_ros.settings.resources import resource_path
from bridge_ros.sim.rendering.d435 import D435_INTRINSICS


def ask(path, history=()):
    planner = ManualPlanner(ManualSettings(file=str(path)))
    plan = planner.plan(RGB, DEPTH, INTRINSICS, "whatever", history)
    return check_plan(plan, INTRINSICS, PlanLimits())


def test_the_shipped_example_passes_the_checks_in_both_stages():
    first = ask(ManualSettings().file)
    second = ask(ManualSettings().file, (StageRecord(plan=first, outcome="reached"),))
    assert (first.subgoal, first.final) == ("go to a first place", False)
    assert (second.subgoal, second.final) == ("go to the other side", True)
    with pytest.raises(PlanError, match="expected a stage 3, got 2"):
        ask(ManualSettings().file, (StageRecord(plan=first, outcome="reached"),) * 2)


def test_the_shipped_example_hovers_above_the_simulated_table_and_points_down():
    camera = yaml.safe_load(resource_path("config/extrinsics/sim.yaml").read_text())
    base_camera = np.concatenate(list(camera["base_from_optical"].values()))
    planner = ManualPlanner(ManualSettings())
    plan = planner.plan(RGB, DEPTH, D435_INTRINSICS, "", ())
    target = compose(base_camera, plan.target_pose)
    assert target[:3] == pytest.approx([0.5, 0.0, 0.3], abs=2e-3)
    assert Rotation.from_quat(target[3:]).as_matrix()[:, 2] == pytest.approx([0, 0, -1], abs=2e-3)
    assert Rotation.from_quat(target[3:]).as_matrix()[:, 0] == pytest.approx([1, 0, 0], abs=2e-3)


def test_a_missed_grasp_is_done_again_and_the_file_may_be_edited_meanwhile(tmp_path):
    path = tmp_path / "plan.json"
    stage = WAYPOINTS | {"subgoal": "grasp the cup"}
    path.write_text(json.dumps({"stages": [stage]}))
    first = ask(path)
    assert first.subgoal == "grasp the cup"
    path.write_text(json.dumps({"stages": [stage | {"target": [330, 240, 790]}]}))
    again = ask(path, (StageRecord(plan=first, outcome="missed"),))
    assert INTRINSICS.project(again.target_pose[:3]) == pytest.approx([330, 240])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("stages: [", "cannot be read"),
        ("[1, 2]", "expected a list `stages`"),
        ("stages: []", "expected a list `stages`"),
        ("stages: [3]", "stage 1: expected subgoal"),
        (yaml.safe_dump({"stages": [WAYPOINTS]}), "stage 1: subgoal: expected a text"),
        ("stages: [{subgoal: go, waypoints: [[.nan, 1, 1]]}]", "stage 1: reply: expected the keys"),
        ("[" * 3000, "cannot be read"),
        ("x" * 1_000_001, "expected at most 1000000 bytes"),
    ],
)
def test_a_spoilt_file_is_a_plan_error_that_names_the_stage(tmp_path, content, said):
    path = tmp_path / "plan.yaml"
    path.write_text(content)
    with pytest.raises(PlanError, match=said):
        ask(path)


def test_not_a_number_is_refused(tmp_path):
    path = tmp_path / "plan.yaml"
    stage = WAYPOINTS | {"subgoal": "go", "target": [float("nan"), 1, 1]}
    path.write_text(yaml.safe_dump({"stages": [stage]}))
    with pytest.raises(PlanError, match="target: expected a number, got nan"):
        ask(path)


def test_a_file_that_is_not_there_refuses_to_start(tmp_path):
    with pytest.raises(ConfigError, match="not found"):
        ManualPlanner(ManualSettings(file="no/such/file.yaml"))
    with pytest.raises(ConfigError, match="expected a file"):
        ManualPlanner(ManualSettings(file=str(tmp_path)))
