import pytest
from episodes import trial

from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.lab.evaluation.report import Report
from bridge_ros.lab.evaluation.report_files import draw_success
from bridge_ros.lab.evaluation.trial import TrialCondition

TASKS = {"stack_cubes": ("Stack Cubes", "middle"), "stack_cups": ("Stack Cups", "long")}


@pytest.fixture
def report():
    trials = [
        trial("stack_cubes", 1000),
        trial("stack_cubes", 1001, failure="misplaced", worst_step_m=0.012),
        trial("stack_cups", 1000, failure="missed grasp", refused=2),
        trial("stack_cups", 1001, failure="missed grasp"),
    ]
    return Report(TrialCondition(method="ik", noise="vlm", noise_scale=2.0), trials, TASKS)


def test_successes_are_counted_by_task_by_horizon_and_in_all(report):
    figures = report.to_dict()
    assert figures["tasks"]["stack_cubes"]["success"] == 0.5
    assert figures["horizons"]["long"]["successes"] == 0
    assert figures["horizons"]["short"]["trials"] == 0
    assert (figures["average"]["successes"], figures["average"]["trials"]) == (1, 4)


def test_failures_are_counted_by_kind(report):
    assert report.to_dict()["tasks"]["stack_cups"]["failures"] == {"missed grasp": 2}


def test_the_worst_of_all_trials_is_what_smoothness_says(report):
    smoothness = report.smoothness()
    assert (smoothness["worst_step_m"], smoothness["refused"]) == (0.012, 2)


def test_the_table_names_condition_tasks_and_failures(report):
    text = report.to_markdown()
    assert "ik, planner oracle, noise vlm x 2" in text
    assert "| Stack Cups | long | 0.00 [0.00, 0.66] | 2 | 2 missed grasp |" in text


def test_a_plot_is_drawn(report, tmp_path):
    draw_success(report, tmp_path / "success.png")
    assert (tmp_path / "success.png").read_bytes().startswith(b"\x89PNG")


def test_grasps_that_were_tried_again_are_counted():
    again = (("grasp it", "missed"), ("grasp it", "grasped"), ("put it there", "reached"))
    trials = [
        trial(seed=1000),
        trial(seed=1001, stages=again),
        trial(seed=1002, stages=again[:1] * 3, failure="missed grasp"),
    ]
    report = Report(TrialCondition(method="ik"), trials, TASKS)
    assert report.retries() == {"missed_grasps": 4, "trials": 2, "succeeded": 1}
    assert "nothing: 4, in 2 trials, of which 1 succeeded" in report.to_markdown()


def test_steps_are_shown_beside_the_controllers_limits(report):
    assert report.smoothness()["limit_step_m"] == TargetLimits().max_step_m
    assert "(limits 50 mm and 0.35 rad)" in report.to_markdown()


def test_what_the_trials_depend_on_is_in_the_json():
    evidence = {"checkpoint_sha256": "ab12"}
    report = Report(TrialCondition(method="ik"), [], TASKS, evidence=evidence)
    assert report.to_dict()["condition"]["checkpoint_sha256"] == "ab12"


def test_refused_targets_are_told_apart_by_reason():
    trials = [
        trial(seed=1000, refused=2, refusals={"step": 2}),
        trial(seed=1001, refused=4, refusals={"step": 1, "not_ready": 3}),
    ]
    report = Report(TrialCondition(method="ik"), trials, TASKS)
    assert report.to_dict()["refusals"] == {"step": 3, "not_ready": 3}
    assert "refused 6 (step 3, not_ready 3)" in report.to_markdown()
