"""The controller node: the only one that moves the arm and the gripper."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import JointState
from std_msgs.msg import Float64
from std_srvs.srv import Trigger

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.control_loop import ControlLoop
from bridge_ros.control.controller import Controller
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.reach import make_reach
from bridge_ros.control.snapshot import Snapshot
from bridge_ros.control.target_checks import PoseTarget, TargetLimits
from bridge_ros.errors import TargetRefusedError
from bridge_ros.hardware.arm import make_arm
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.fr3_kinematics import dexterity, joint_margin_rad
from bridge_ros.hardware.gripper import make_gripper
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.priority import ROBOT_LEVEL
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, pose_to_stamped, stamp_to_s
from bridge_ros.ros.foreign_arm import ForeignArm
from bridge_ros.ros.liveness import LivenessWatch
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.sole_sender import SoleSender
from bridge_ros.status import Cause, ControllerReason, ControllerState

_JOINT_NAMES = [f"fr3_joint{number}" for number in range(1, 8)]
_FINGER_NAMES = ["finger_joint1", "finger_joint2"]


@dataclass(frozen=True, kw_only=True)
class ControllerSettings:
    """Parameters of the controller node; see the classes of its parts.

    Attributes:
        rate_hz: of the streaming loop. publish_rate_hz: of joint states and pose.
        required_nodes: nodes whose loss makes the arm hold.
    """

    rate_hz: float = 100.0
    publish_rate_hz: float = 25.0
    required_nodes: tuple[str, ...] = ("camera", "planner", "trajectory", "expert")
    arm: ArmSettings = field(default_factory=ArmSettings)
    gripper: GripperSettings = field(default_factory=GripperSettings)
    targets: TargetLimits = field(default_factory=TargetLimits)
    motion: MotionLimits = field(default_factory=MotionLimits)
    behaviour: BehaviourSettings = field(default_factory=BehaviourSettings)


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
        super().__init__("controller", ControllerSettings, **node_options)

    def configure(self) -> None:
        settings = self.settings
        self._gripper = make_gripper(settings.gripper)
        self._flange_to_tcp = GripperModel.load(settings.arm.tool_file).flange_to_tcp
        foreign = None
        if settings.arm.driver == "topic":
            link = ForeignArm(self, settings.arm.topic)
            foreign = (link.send, link.state)
        self._controller = Controller(
            make_arm(settings.arm, settings.behaviour.home_joints, foreign),
            self._gripper,
            behaviour=settings.behaviour,
            targets=settings.targets,
            reach=make_reach(self._flange_to_tcp, settings.behaviour, settings.targets),
            motion=settings.motion,
        )
        self._joints_pub = self.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
        self._pose_pub = self.create_publisher(PoseStamped, topics.EE_POSE, topics.RELIABLE)

    def activate(self) -> None:
        self.own(self._gripper).start()
        self._said: tuple[ControllerState, Cause[ControllerReason]] | None = None
        self._pose_sender = SoleSender(self.settings.targets.max_age_s)
        self._width_sender = SoleSender(self.settings.targets.max_age_s)
        self._loop = self.own(ControlLoop(self._controller, self.settings.rate_hz))
        watch = self.own(
            LivenessWatch(self, self.settings.required_nodes, self._controller.set_missing)
        )
        self._controller.set_missing(watch.missing())
        self.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_target, topics.COMMAND)
        self.create_subscription(
            Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.COMMAND
        )
        self._serve(topics.STOP, self._controller.stop)
        self._serve(topics.RESUME, self._controller.resume)
        self._serve(topics.HOME, self._controller.home)
        self.create_timer(1.0 / self.settings.publish_rate_hz, self._publish)
        self._loop.start()

    def diagnostics(self) -> dict[str, object]:
        snapshot = self._snapshot()
        figures: dict[str, object] = {
            "level": "ok" if snapshot.state.may_move and not snapshot.gripper_trouble else "error",
            "message": f"{snapshot.state}: {snapshot.cause}",
            "targets accepted": snapshot.accepted,
            "targets refused": sum(snapshot.refused.values()),
            "last refusal": snapshot.last_refusal,
            "watchdog holds": snapshot.silence_holds,
            "loop overruns": self._loop.overruns,
            "arm mode": snapshot.arm.mode if snapshot.arm else "unknown",
            "gripper": snapshot.gripper_trouble or "ok",
            "ignored of other senders": self._pose_sender.ignored + self._width_sender.ignored,
        }
        if snapshot.arm:
            joints = snapshot.arm.joint_positions
            figures["joint limit margin rad"] = joint_margin_rad(joints)
            figures["dexterity"] = dexterity(joints, self._flange_to_tcp)
        figures |= {f"refused {reason}": count for reason, count in snapshot.refused.items()}
        periods = self._controller.target_periods()
        return figures | {f"target period {name}": value for name, value in periods.items()}

    def _snapshot(self) -> Snapshot:
        """What the controller last saw; nothing of an arm that has let it wait for too long."""
        snapshot, silence_s = self._controller.snapshot, self.settings.arm.state_timeout_s
        return snapshot.outdated_by(silence_s) if self._loop.stuck_s > silence_s else snapshot

    def _serve(self, name: str, action: Callable[[], str]) -> None:
        def answer(_: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
            try:
                reply.success, reply.message = True, action()
            except TargetRefusedError as error:
                reply.success, reply.message = False, str(error)
            return reply

        self.create_service(Trigger, name, answer)

    def _on_target(self, message: PoseStamped, info: Mapping[str, Any]) -> None:
        if not self._listens(self._pose_sender, info, topics.TARGET_POSE):
            return
        stamp_s = stamp_to_s(message.header.stamp)
        self._controller.submit(
            PoseTarget(
                pose=pose_from_msg(message.pose),
                frame_id=message.header.frame_id,
                stamp_s=stamp_s,
                age_s=stamp_to_s(self.get_clock().now().to_msg()) - stamp_s,
                arrived_s=time.monotonic(),
            )
        )

    def _listens(self, sender: SoleSender, info: Mapping[str, Any], topic: str) -> bool:
        listens = sender.accepts(info, time.monotonic())
        if not listens:
            self.get_logger().warning(
                f"two programs publish on {topic}: only the first one is listened to",
                throttle_duration_sec=1.0,
            )
        return listens

    def _on_width(self, message: Float64, info: Mapping[str, Any]) -> None:
        if not self._listens(self._width_sender, info, topics.TARGET_GRIPPER_WIDTH):
            return
        try:
            self._controller.submit_width(message.data)
        except TargetRefusedError as error:
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def _publish(self) -> None:
        if not self._loop.running:
            raise RuntimeError(
                "the control loop has crashed, its trace is above; the arm is stopped"
            )
        snapshot = self._snapshot()
        gripper_width_m = snapshot.gripper.width_m if snapshot.gripper else -1.0
        if self._said != (snapshot.state, snapshot.cause):
            self._said = snapshot.state, snapshot.cause
            self.get_logger().info(f"{snapshot.state}: {snapshot.cause}")
            self.publish_status(snapshot.state, snapshot.cause, gripper_width=gripper_width_m)
        self._status.gripper_width = gripper_width_m
        if snapshot.arm is None:
            return
        stamp = self.get_clock().now().to_msg()
        joints = JointState(name=_JOINT_NAMES, position=snapshot.arm.joint_positions.tolist())
        joints.header.stamp = stamp
        if snapshot.gripper:
            joints.name = _JOINT_NAMES + _FINGER_NAMES
            joints.position.extend([gripper_width_m / 2.0] * 2)
        self._joints_pub.publish(joints)
        self._pose_pub.publish(
            pose_to_stamped(snapshot.arm.ee_pose, frame_id=topics.BASE_FRAME, stamp=stamp)
        )


SETTINGS = ControllerSettings


def main() -> None:
    """Run the node."""
    run(ControllerNode)


if __name__ == "__main__":
    main()
