"""Faulty nodes take the place of methods of a node: one that is renamed there must be here."""

import pytest

from bridge_ros.lab.faults.nodes.camera import FaultyCameraNode
from bridge_ros.lab.faults.nodes.expert import FaultyExpertNode
from bridge_ros.lab.faults.nodes.planner import FaultyPlannerNode
from bridge_ros.lab.faults.nodes.sim import FaultySimNode


@pytest.mark.parametrize(
    "faulty", [FaultyCameraNode, FaultyExpertNode, FaultyPlannerNode, FaultySimNode]
)
def test_every_method_of_a_faulty_node_replaces_one_of_the_node(faulty):
    _, mixed_in, node, *_ = faulty.__mro__
    assert mixed_in.__name__ == "FaultyNode"
    own = {name for name, value in vars(faulty).items() if callable(value)}
    assert own and own <= set(dir(node))
