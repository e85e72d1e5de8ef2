"""The controller node with a clock that jumps when told to."""

from __future__ import annotations

from bridge_ros.control.controller_settings import ControllerSettings
from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.nodes.controller_node import ControllerNode
from bridge_ros.ros.node import run


class FaultyControllerNode(FaultyNode[ControllerSettings], ControllerNode):
    """Knows no other words."""


if __name__ == "__main__":
    run(FaultyControllerNode)
