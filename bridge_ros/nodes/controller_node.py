"""The controller node: the only one that moves the arm and the gripper."""

from __future__ import annotations

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState

from bridge_ros.control.controller_service import ControllerService
from bridge_ros.control.controller_settings import ControllerSettings
from bridge_ros.priority import ROBOT_LEVEL
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_to_stamped
from bridge_ros.ros.foreign_arm import ForeignArm
from bridge_ros.ros.joint_states import joint_state_to_msg
from bridge_ros.ros.liveness import LivenessWatch
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.target_intake import TargetIntake
from bridge_ros.ros.triggers import serve_trigger
from bridge_ros.status import Cause, ControllerReason, ControllerState

SETTINGS = ControllerSettings


class ControllerNode(BridgeNode[ControllerSettings]):
    """Puts the safety contract of `control.Controller` between topics and devices.

    Subscribes: target_pose (PoseStamped, base frame), target_gripper_width (Float64, [m]),
        liveness of the required nodes.
        Of several that publish targets, only the one that was there first is listened to.
    Publishes: joint_states (arm [rad], fingers [m]) and ee_pose (base frame) while the arm is
        measured; status.
    Reports on /diagnostics, beside its counts, the room to the nearest joint limit and the smallest
        singular value of the tool's Jacobian.
    Serves: stop, resume, home; all answer at once, and status tells the outcome.
    """

    foreground_level = ROBOT_LEVEL

    def __init__(self, **node_options: object) -> None:
        super().__init__("controller", SETTINGS, **node_options)

    def configure(self) -> None:
        foreign = None
        if self.settings.arm.driver == "topic":
            link = ForeignArm(self, self.settings.arm.topic)
            foreign = (link.send, link.state)
        self._service = ControllerService(self.settings, foreign)
        self._joints_pub = self.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
        self._pose_pub = self.create_publisher(PoseStamped, topics.EE_POSE, topics.RELIABLE)

    def activate(self) -> None:
        settings, controller = self.settings, self._service.controller
        self._said: tuple[ControllerState, Cause[ControllerReason]] | None = None
        watch = self.own(LivenessWatch(self, settings.required_nodes, controller.set_missing))
        controller.set_missing(watch.missing())
        self._targets = TargetIntake(
            self, settings.targets.max_age_s, controller.submit, controller.submit_width
        )
        serve_trigger(self, topics.STOP, controller.stop)
        serve_trigger(self, topics.RESUME, controller.resume)
        serve_trigger(self, topics.HOME, controller.home)
        self.create_timer(settings.publish_period_s, self._publish)
        self.own(self._service).start()

    def diagnostics(self) -> dict[str, object]:
        return {**self._service.figures(), "ignored of other senders": self._targets.ignored}

    def _publish(self) -> None:
        snapshot = self._service.snapshot()
        told_m = snapshot.gripper.width_m if snapshot.gripper else -1.0
        if self._said != (snapshot.state, snapshot.cause):
            self._said = snapshot.state, snapshot.cause
            self.get_logger().info(f"{snapshot.state}: {snapshot.cause}")
            self.publish_status(snapshot.state, snapshot.cause, gripper_width=told_m)
        self.amend_status(gripper_width=told_m)
        if snapshot.arm is None:
            return
        stamp = self.get_clock().now().to_msg()
        self._joints_pub.publish(joint_state_to_msg(snapshot.arm, snapshot.gripper, stamp))
        self._pose_pub.publish(
            pose_to_stamped(snapshot.arm.ee_pose, frame_id=topics.BASE_FRAME, stamp=stamp)
        )


def main() -> None:
    """Run the node."""
    run(ControllerNode)


if __name__ == "__main__":
    main()
