"""The planner node with a planner that fails when told to."""

from __future__ import annotations

from bridge_ros.lab.faults.failing_planner import FailingPlanner
from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.nodes.planner_node import PlannerNode
from bridge_ros.ros.node import run
from bridge_ros.task.planner_settings import PlannerSettings


class FaultyPlannerNode(FaultyNode[PlannerSettings], PlannerNode):
    """See `FailingPlanner` for its words."""

    def configure(self) -> None:
        super().configure()
        self._planner = FailingPlanner(self._planner, lambda: self.word)


if __name__ == "__main__":
    run(FaultyPlannerNode)
