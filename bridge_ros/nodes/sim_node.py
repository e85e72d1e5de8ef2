"""The sim node: the simulated devices of the cell, and the truth about its objects."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_to_msg, s_to_stamp
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.sim.live.server import SimServer, SimSettings
from bridge_ros.sim.objects.mjcf import Rgb
from bridge_ros.status import SimReason, SimState

SETTINGS = SimSettings

_HANDLE_M = 0.03
_GREY: Rgb = (0.5, 0.5, 0.5)


class SimNode(BridgeNode[SimSettings]):
    """Runs the cell: FCI on port 1337, WSG, and the link that the simulated camera renders from.

    Publishes: /sim/objects (MarkerArray, base frame): one marker an object, or handle of a piece of
        furniture, its name as namespace.
        Nothing but demos and tests may read it: robots have no such topic.
    """

    def __init__(self, **node_options: object) -> None:
        super().__init__("sim", SETTINGS, **node_options)

    def configure(self) -> None:
        self._objects_pub = self.create_publisher(MarkerArray, topics.SIM_OBJECTS, topics.RELIABLE)

    def activate(self) -> None:
        # Not in `configure`: a cell that has ended cannot be started again.
        self._server = self.own(self._make_server())
        self._server.start()
        self.create_timer(self.settings.objects_period_s, self._publish_objects)
        names = ", ".join(thing.name for thing in self._server.world.scene.objects)
        self.publish_status(
            SimState.ACTIVE,
            SimReason.CELL_RUNS.because(
                scene=self.settings.scene, seed=self.settings.seed, things=names
            ),
        )

    def diagnostics(self) -> dict[str, object]:
        """Whether the physics keeps up with the clock."""
        return {
            **self._server.figures.diagnostics(),
            "scene": self.settings.scene,
            "seed": self.settings.seed,
        }

    def _make_server(self) -> SimServer:
        return SimServer(self.settings)

    def _publish_objects(self) -> None:
        state = self._server.state()
        world, stamp = self._server.world, s_to_stamp(state.stamp_s)
        poses = world.object_poses_at(state.qpos)
        objects = [
            _marker(thing.name, poses[thing.name], thing.size_m, thing.rgb, stamp)
            for thing in world.scene.objects
        ]
        handles = [
            _marker(name, pose, (_HANDLE_M, _HANDLE_M, _HANDLE_M), _GREY, stamp)
            for name, pose in world.handle_poses_at(state.qpos).items()
        ]
        self._objects_pub.publish(MarkerArray(markers=[*objects, *handles]))


def _marker(
    name: str, pose: FloatArray, size_m: tuple[float, float, float], rgb: Rgb, stamp: Time
) -> Marker:
    marker = Marker(ns=name, id=0, type=Marker.CUBE, action=Marker.ADD)
    marker.header.frame_id, marker.header.stamp = topics.BASE_FRAME, stamp
    marker.pose = pose_to_msg(pose)
    marker.scale.x, marker.scale.y, marker.scale.z = size_m
    red, green, blue = rgb
    marker.color = ColorRGBA(r=red, g=green, b=blue, a=0.7)
    return marker


def main() -> None:
    """Entry point of `sim_node`."""
    run(SimNode)


if __name__ == "__main__":
    main()
