import pytest

from bridge_ros.errors import ConfigError
from bridge_ros.sim.registry import EPISODES
from bridge_ros.sim.suites import SUITES, suite_tasks
from bridge_ros.sim.tasks import TASKS


def test_every_suite_has_an_episode_for_each_task():
    for suite in SUITES:
        assert list(suite_tasks(suite, None).values()) == list(TASKS.values())
        assert set(suite_tasks(suite, None)) <= set(EPISODES)


def test_only_the_wanted_tasks_are_taken():
    assert list(suite_tasks("unseen6", ["stack_cups"])) == ["stack_cups_unseen"]


def test_an_unknown_task_is_refused_with_those_that_exist():
    with pytest.raises(ConfigError, match="pick_up_toy"):
        suite_tasks("tabletop6", ["fold_towel"])
