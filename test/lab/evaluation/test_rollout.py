import json
import re
import sys
from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bridge_ros.commands import eval as suite
from bridge_ros.errors import ConfigError, PlanError
from bridge_ros.expert.observation import Observation
from bridge_ros.lab.evaluation.policies import follow_guidance
from bridge_ros.lab.evaluation.rollout import Rollout
from bridge_ros.lab.evaluation.trial import Condition
from bridge_ros.plan.waypoint_plan import GripperAction

sys.path.append(str(Path(__file__).resolve().parents[2] / "planner" / "vlm"))

SEED = 1000
IK = Condition(method="ik")


def test_the_oracle_s_spline_alone_picks_up_the_toy():
    trial = Rollout("pick_up_toy", SEED, IK, follow_guidance).run()
    assert trial.success, trial.message
    assert [end for _, end in trial.stages] == ["grasped", "reached"]
    assert (trial.refused, trial.silences, trial.failure) == (0, 0, "")
    assert 0.0 < trial.worst_step_m < 0.015


def test_the_same_episode_always_ends_the_same_way():
    condition = replace(IK, noise="vlm", noise_scale=0.5)
    first, again = (
        Rollout("open_drawer", SEED, condition, follow_guidance, noise=suite.load_noise()).run()
        for _ in range(2)
    )
    assert replace(first, wall_s=0.0) == replace(again, wall_s=0.0)


def test_a_planner_that_cannot_plan_is_a_failure_of_the_planner():
    rollout = Rollout("pick_up_toy", SEED, IK, follow_guidance)

    class Lost:
        def plan(self, *_):
            raise PlanError("no toy in sight")

    rollout._planner = Lost()
    trial = rollout.run()
    assert (trial.success, trial.failure, trial.message) == (False, "planner", "no toy in sight")


def test_fingers_that_always_close_on_nothing_are_missed_grasps():
    rollout = Rollout("pick_up_toy", SEED, IK, follow_guidance)
    oracle = rollout._planner

    class Aside:
        def plan(self, *arguments):
            plan = oracle.plan(*arguments)
            aside = np.array([0.12, 0.0, -0.05])
            pose = np.concatenate([plan.target_pose[:3] + aside, plan.target_pose[3:]])
            return replace(plan, waypoints=plan.waypoints + aside, target_pose=pose)

    rollout._planner = Aside()
    trial = rollout.run()
    assert trial.failure == "missed grasp"
    assert [end for _, end in trial.stages] == ["missed", "missed", "failed"]


@pytest.mark.parametrize("wrong", ["the other cube", "what is not there", ""])
def test_a_thing_that_is_named_wrongly_is_told_from_one_that_is_put_beside(wrong):
    rollout = Rollout("stack_cubes", SEED, IK, follow_guidance)
    oracle = rollout._planner
    other = rollout._task.scene.objects[1].name if wrong == "the other cube" else "golden cube"

    class Mistaken:
        def plan(self, *arguments):
            plan = oracle.plan(*arguments)
            if wrong:
                return replace(plan, subgoal=f"grasp the {other}", final=True)
            if plan.gripper_action is GripperAction.CLOSE:
                return plan
            aside = np.array([0.08, 0.0, 0.0])
            pose = np.concatenate([plan.target_pose[:3] + aside, plan.target_pose[3:]])
            return replace(plan, waypoints=plan.waypoints + aside, target_pose=pose, final=True)

    rollout._planner = Mistaken()
    trial = rollout.run()
    assert (trial.success, trial.failure) == (False, "wrong thing" if wrong else "misplaced")


def test_the_expert_s_clouds_are_those_of_the_camera():
    seen = []

    def policy(observation: Observation):
        seen.append(observation.points)
        if len(seen) > 6:
            raise PlanError("enough")
        return follow_guidance(observation)

    condition = Condition(method="expert")
    with pytest.raises(PlanError, match="enough"):
        Rollout("stack_cubes", SEED, condition, policy).run()
    cloud = seen[-1]
    assert len(cloud) > 5000
    # Most of what is seen is the table's top, at z = 0 of base.
    assert np.percentile(np.abs(cloud[:, 2]), 40) < 0.005


def test_noise_without_magnitudes_is_refused():
    with pytest.raises(ConfigError, match="expected magnitudes"):
        Rollout("pick_up_toy", SEED, replace(IK, noise="vlm"), follow_guidance)


def run_suite(tmp_path, *extra):
    parser = ArgumentParser()
    suite.add_arguments(parser)
    arguments = [
        "--method",
        "ik",
        "--tasks",
        "open_drawer",
        "--seed",
        "1000",
        "--out",
        str(tmp_path),
    ]
    return suite.run(parser.parse_args([*arguments, *extra]))


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
    parser = ArgumentParser()
    suite.add_arguments(parser)
    with pytest.raises(ConfigError, match=r"got \['juggle'\]"):
        suite.run(
            parser.parse_args(["--tasks", "juggle", "--method", "ik", "--out", str(tmp_path)])
        )


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
