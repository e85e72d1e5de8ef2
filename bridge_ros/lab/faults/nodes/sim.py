"""The sim node with a robot that stops in a reflex when told to."""

from __future__ import annotations

from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.lab.faults.reflex_server import ReflexSimServer
from bridge_ros.nodes.sim_node import SimNode
from bridge_ros.ros.node import run
from bridge_ros.sim.live.server import SimSettings


class FaultySimNode(FaultyNode[SimSettings], SimNode):
    """Its word: reflex."""

    def _make_server(self) -> ReflexSimServer:
        return ReflexSimServer(self.settings, lambda: self.word == "reflex")


if __name__ == "__main__":
    run(FaultySimNode)
