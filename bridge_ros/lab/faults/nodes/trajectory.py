"""The trajectory node with a clock that jumps when told to."""

from __future__ import annotations

from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.nodes.trajectory_node import TrajectoryNode
from bridge_ros.ros.node import run
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings


class FaultyTrajectoryNode(FaultyNode[TrajectorySettings], TrajectoryNode):
    """Knows no other words."""


if __name__ == "__main__":
    run(FaultyTrajectoryNode)
