import json
from dataclasses import replace

import numpy as np
import pytest
from episodes import trial

from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.comparison import compare, curves, load_run
from bridge_ros.lab.evaluation.proportion import Proportion
from bridge_ros.lab.evaluation.report import Report
from bridge_ros.lab.evaluation.saturation import lead, saturates_at
from bridge_ros.lab.evaluation.trial import TrialCondition

TASKS = {"stack_cubes": ("Stack Cubes", "middle"), "stack_cups": ("Stack Cups", "long")}


def write(folder, condition, failures):
    folder.mkdir()
    trials = [trial(seed=seed, failure=failure) for seed, failure in enumerate(failures)]
    report = Report(condition, trials, TASKS)
    (folder / "report.json").write_text(json.dumps(report.to_dict()))
    return folder


def vlm(model):
    return TrialCondition(method="ik", planner="vlm", planner_model=model)


@pytest.fixture
def folders(tmp_path):
    return [
        write(tmp_path / "a", TrialCondition(method="ik"), ["", ""]),
        write(tmp_path / "b", TrialCondition(method="ik", noise="vlm"), ["", "dropped"]),
        write(tmp_path / "c", TrialCondition(noise="vlm", noise_scale=2.0), [""]),
    ]


def test_a_run_is_read_from_its_report(folders):
    run = load_run(folders[2])
    assert (run.method, run.strength, run.average.trials) == ("expert", 2.0, 1)
    assert load_run(folders[0]).strength == 0.0


def test_runs_stand_side_by_side(folders, tmp_path):
    table = compare(folders, tmp_path / "out")
    assert table.startswith(
        "| | ik, oracle, no noise | ik, oracle, noise x 1 | expert, oracle, noise x 2 |"
    )
    assert "| Stack Cubes | 1.00 [0.34, 1.00] | 0.50 [0.09, 0.91] | 1.00 [0.21, 1.00] |" in table
    assert "trials: 2, 2, 1" in table
    assert (tmp_path / "out" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out" / "comparison.md").read_text() == table


def test_what_the_planner_names_wrongly_is_told_apart(tmp_path):
    folder = write(tmp_path / "a", TrialCondition(method="ik"), ["", "dropped", "wrong thing"])
    table = compare([folder], tmp_path / "out")
    assert "| **Average** | 0.33 [0.06, 0.79] |" in table
    assert "| where no wrong thing was named | 0.50 [0.09, 0.91] |" in table


def test_runs_of_one_condition_are_told_apart_by_their_folders(folders, tmp_path):
    again = write(tmp_path / "d", TrialCondition(method="ik"), ["dropped"])
    assert compare([folders[0], again], tmp_path / "out").startswith("| | a | d |")


def test_checkpoints_of_a_planner_are_told_apart_by_their_steps(tmp_path):
    folders = [
        write(tmp_path / f"{steps}", vlm(f"runs/small/checkpoint-{steps}"), ["dropped"])
        for steps in (600, 150)
    ]
    assert [load_run(folder).steps for folder in folders] == [600, 150]
    first, second = "ik, vlm after 150 steps, no noise", "ik, vlm after 600 steps, no noise"
    assert compare(folders, tmp_path / "out").startswith(f"| | {first} | {second} |")
    assert load_run(write(tmp_path / "end", vlm("runs/small/model"), [""])).steps is None


def test_curves_of_the_papers_table_7_saturate_where_it_says(tmp_path):
    steps = range(0, 4001, 500)
    percent = {
        "ik": (4, 26, 32, 34, 40, 43, 47, 52, 52),
        "expert": (10, 44, 56, 56, 57, 57, 58, 58, 58),
    }
    folders = [
        write(
            tmp_path / f"{method}-{step}",
            replace(vlm(f"runs/checkpoint-{step}"), method=method),
            [""] * successes + ["dropped"] * (100 - successes),
        )
        for method, shares in percent.items()
        for step, successes in reversed(list(zip(steps, shares, strict=True)))
    ]
    found = {
        name: saturates_at(curve) for name, curve in curves(list(map(load_run, folders))).items()
    }
    assert found == {"ik": 3000, "expert": 1000}
    table = compare(folders, tmp_path / "out")
    assert "expert: within a tenth of its last success from step 1000 on; before, 0.85 of" in table
    assert "expert is ahead of ik in that by 0.19 [" in table


def test_a_curve_that_falls_again_has_not_saturated_before():
    shares = (0, 9, 5, 9, 10)
    curve = [(float(i), Proportion(successes=n, trials=10)) for i, n in enumerate(shares)]
    assert saturates_at(curve) == 3.0
    assert saturates_at(curve[-1:]) == 4.0


def successes(shares, scenes, order):
    """Of scenes the easiest in `order` succeed."""
    return (np.argsort(order) < np.round(np.array(shares) * scenes)[:, None]).astype(float)


def test_two_curves_that_come_up_alike_have_no_lead_but_chance():
    one, other = np.random.default_rng(5).permuted(np.tile(np.arange(50), (2, 1)), axis=1)
    # As high a share of the end at every point, though one ends twice as high.
    more, low, high = lead(
        successes((0.4, 0.6, 0.8), 50, one), successes((0.2, 0.3, 0.4), 50, other)
    )
    assert more == pytest.approx(0.0) and low < -0.1 and high > 0.1
    early, late = successes((0.7, 0.8, 0.8), 50, one), (0.1, 0.3, 0.8)
    more, low, high = lead(early, successes(late, 50, one))
    assert more == pytest.approx(0.6875) and 0.0 < low < more < high < 1.0
    # Scenes that are hard for both say more than those that are hard for either.
    _, low_apart, high_apart = lead(early, successes(late, 50, other))
    assert high - low < high_apart - low_apart


def test_trials_that_are_not_counted_change_nothing_of_a_lead():
    one, other = successes((0.4, 0.8), 50, np.arange(50)), successes((0.2, 0.8), 50, np.arange(50))
    nothing = np.full((2, 30), np.nan)
    more, low, high = lead(np.hstack([one, nothing]), np.hstack([other, nothing]))
    assert more == pytest.approx(lead(one, other)[0]) and low < more < high


def test_a_lead_is_told_of_the_scenes_that_all_have(tmp_path):
    folders = [
        write(
            tmp_path / f"{method}-{step}",
            replace(vlm(f"runs/checkpoint-{step}"), method=method),
            failures,
        )
        for method, curve in {
            "ik": {100: ["dropped"] * 6, 200: [""] * 3 + ["dropped"]},
            "expert": {100: ["", "", "dropped", ""], 200: [""] * 4},
        }.items()
        for step, failures in curve.items()
    ]
    assert load_run(folders[1]).scenes[("stack_cubes", 3)] == "dropped"
    assert "In the 4 scenes that all have, expert is ahead of ik in that by 0.75" in compare(
        folders, tmp_path / "out"
    )


def test_a_folder_without_a_report_is_named(tmp_path):
    with pytest.raises(ConfigError, match="expected a report"):
        load_run(tmp_path)


def test_a_report_with_other_seeds_than_expected_is_named(folders):
    report = json.loads((folders[0] / "report.json").read_text())
    report["tasks"]["stack_cubes"]["seeds"] = [1, 2]
    (folders[0] / "report.json").write_text(json.dumps(report))
    with pytest.raises(ConfigError, match="expected a report"):
        load_run(folders[0])
