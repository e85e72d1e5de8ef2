"""Named sets of simulated episodes, for whoever draws or evaluates them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bridge_ros.errors import ConfigError

if TYPE_CHECKING:
    from bridge_ros.sim.tasks.task import Task

SUITES = {"tabletop6": "", "unseen6": "_unseen"}
"""What follows the tasks' names in those of a suite's episodes."""
DEFAULT_SUITE = "tabletop6"


def suite_tasks(suite: str, wanted: Sequence[str] | None) -> dict[str, type[Task]]:
    """A suite's tasks by the names of their episodes: all, unless some are wanted.

    Args:
        suite: one of `SUITES`.
        wanted: names of tasks, without what the suite adds.

    Raises:
        ConfigError: for a task that does not exist.
    """
    from bridge_ros.sim.tasks import TASKS

    if unknown := sorted(set(wanted or ()) - set(TASKS)):
        raise ConfigError(f"tasks: expected some of {list(TASKS)}, got {unknown}")
    return {
        name + SUITES[suite]: task for name, task in TASKS.items() if not wanted or name in wanted
    }
