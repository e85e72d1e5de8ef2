"""The six tasks of the paper's appendix A.3 in the simulated cell, one small file a task."""

from __future__ import annotations

from bridge_ros.sim.tasks.open_drawer import OpenDrawer
from bridge_ros.sim.tasks.pick_up_toy import PickUpToy
from bridge_ros.sim.tasks.put_toy_into_basket import PutToyIntoBasket
from bridge_ros.sim.tasks.rank_cubes import RankCubes
from bridge_ros.sim.tasks.stack_cubes import StackCubes
from bridge_ros.sim.tasks.stack_cups import StackCups
from bridge_ros.sim.tasks.task import Task

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (PickUpToy, OpenDrawer, StackCubes, PutToyIntoBasket, RankCubes, StackCups)
}
"""By name, from short to long horizon."""
