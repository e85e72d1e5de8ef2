"""Ill nodes take the place of a node's own methods: a method that is renamed there must be here."""

import pytest

from bridge_ros.lab.faults.nodes.camera import IllCameraNode
from bridge_ros.lab.faults.nodes.expert import IllExpertNode
from bridge_ros.lab.faults.nodes.planner import IllPlannerNode
from bridge_ros.lab.faults.nodes.sim import IllSimNode


@pytest.mark.parametrize("ill", [IllCameraNode, IllExpertNode, IllPlannerNode, IllSimNode])
def test_every_method_of_an_ill_node_replaces_one_of_the_node(ill):
    _, mixed_in, node, *_ = ill.__mro__
    assert mixed_in.__name__ == "IllNode"
    own = {name for name, value in vars(ill).items() if callable(value)}
    assert own and own <= set(dir(node))
