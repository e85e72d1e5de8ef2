"""The camera node with a simulated camera that fails when told to."""

from __future__ import annotations

from bridge_ros.camera.frame import FrameSource
from bridge_ros.lab.faults.failing_camera import FailingCamera
from bridge_ros.lab.faults.nodes.faulty_node import FaultyNode
from bridge_ros.nodes.camera_node import CameraNode, CameraSettings
from bridge_ros.ros.node import run


class FaultyCameraNode(FaultyNode[CameraSettings], CameraNode):
    """See `FailingCamera` for its words."""

    def _make_source(self) -> FrameSource:
        return FailingCamera(super()._make_source(), lambda: self.word)


if __name__ == "__main__":
    run(FaultyCameraNode)
