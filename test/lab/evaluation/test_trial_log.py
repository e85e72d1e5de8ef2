from dataclasses import replace

import pytest
from episodes import trial

from bridge_ros.errors import ConfigError
from bridge_ros.lab.evaluation.trial import TrialCondition
from bridge_ros.lab.evaluation.trial_log import TrialLog

CONDITION = TrialCondition(method="ik")


def test_trials_survive_the_process(tmp_path):
    log = TrialLog(tmp_path, CONDITION)
    done = [trial(seed=1000), trial(seed=1001, failure="dropped", refusals={"step": 2})]
    for each in done:
        log.add(each)
    again = TrialLog(tmp_path, CONDITION)
    assert again.trials == done
    assert again.has("stack_cubes", 1001)
    assert not again.has("stack_cubes", 1002)
    assert not again.has("stack_cups", 1001)


def test_a_line_cut_short_by_an_interruption_is_dropped(tmp_path):
    TrialLog(tmp_path, CONDITION).add(trial())
    with (tmp_path / "trials.jsonl").open("a") as file:
        file.write('{"task": "stack_cu')
    resumed = TrialLog(tmp_path, CONDITION)
    assert len(resumed.trials) == 1
    resumed.add(trial(seed=1001))
    assert len(TrialLog(tmp_path, CONDITION).trials) == 2


def test_trials_of_another_condition_are_not_mixed_in(tmp_path):
    TrialLog(tmp_path, CONDITION)
    with pytest.raises(ConfigError, match="another condition"):
        TrialLog(tmp_path, replace(CONDITION, noise="vlm"))


def test_trials_of_other_weights_are_not_mixed_in(tmp_path):
    TrialLog(tmp_path, CONDITION, {"checkpoint_sha256": "ab12"})
    with pytest.raises(ConfigError, match="checkpoint"):
        TrialLog(tmp_path, CONDITION, {"checkpoint_sha256": "cd34"})


def test_a_line_that_is_no_trial_is_named(tmp_path):
    TrialLog(tmp_path, CONDITION)
    (tmp_path / "trials.jsonl").write_text('{"success": true}\n')
    with pytest.raises(ConfigError, match="expected a line of a trial"):
        TrialLog(tmp_path, CONDITION)


@pytest.mark.parametrize(
    "change", [{"method": "magic"}, {"planner": "me"}, {"noise": "loud"}, {"noise_scale": 4.0}]
)
def test_an_impossible_condition_is_refused(change):
    with pytest.raises(ConfigError, match="expected"):
        TrialCondition(**change)
