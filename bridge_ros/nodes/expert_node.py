"""The expert node: publishes the action expert's pose targets at 20 Hz."""

from __future__ import annotations

from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from sensor_msgs.msg import PointCloud2
from std_msgs.msg import Float64

from bridge_ros.expert.expert_service import ExpertService, ExpertStatus, load_expert
from bridge_ros.expert.expert_settings import ExpertSettings
from bridge_ros.expert.loop import Inference, Target
from bridge_ros.expert.worker import ThreadWorker
from bridge_ros.priority import NODE_LEVEL, TARGETS_LEVEL
from bridge_ros.ros import topics
from bridge_ros.ros.arm_intake import ArmIntake
from bridge_ros.ros.conversions import (
    order_from_msg,
    points_to_msg,
    pose_to_stamped,
    s_to_stamp,
)
from bridge_ros.ros.depth_intake import DepthIntake
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.static_transforms import StaticTransforms
from bridge_ros.status import Source

SETTINGS = ExpertSettings


class ExpertNode(BridgeNode[ExpertSettings]):
    """Follows the newest trajectory with the action expert.

    Subscribes: trajectory (PoseTrajectory, base frame), aligned depth and its camera_info, ee_pose
        (base frame), joint_states ([rad], fingers [m]), status (the controller's), tf_static.
    Publishes: target_pose (PoseStamped, base frame) and target_gripper_width (Float64, [m]) at the
        control rate from the first trajectory of a task to the empty one; silent while an
        observation is too old or the controller takes no targets. points (what the expert sees).
        Status: starting until all of these were heard, idle, following, then reached, grasped,
            missed or failed.
    """

    foreground_level = TARGETS_LEVEL
    reports_by_itself = True

    def __init__(self, **node_options: object) -> None:
        super().__init__("expert", SETTINGS, **node_options)

    def configure(self) -> None:
        self._expert = load_expert(self.settings)
        self._pose_pub = self.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        self._width_pub = self.create_publisher(
            Float64, topics.TARGET_GRIPPER_WIDTH, topics.COMMAND
        )
        self._points_pub = self.create_publisher(PointCloud2, topics.POINTS, topics.SENSOR)

    def activate(self) -> None:
        settings = self.settings
        worker: ThreadWorker[Inference] = ThreadWorker("expert inference", NODE_LEVEL)
        service = self._service = ExpertService(self._expert, self.own(worker), settings)
        self._arm = ArmIntake(self, service.observe_arm)
        DepthIntake(
            self,
            settings.cloud,
            StaticTransforms(self),
            lambda stamp_s, source: service.observe_cloud(stamp_s, source, self.now_s()),
        )
        subscribe = self.create_subscription
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(PoseTrajectoryMsg, topics.TRAJECTORY, self._on_trajectory, topics.LATCHED)
        self.create_timer(settings.loop.period_s, self._on_tick)
        if settings.points_period_s > 0:
            self.create_timer(settings.points_period_s, self._publish_points)

    def diagnostics(self) -> dict[str, object]:
        return self._service.figures()

    def _on_tick(self) -> None:
        now_s = self.now_s()
        answer = self._service.tick(now_s)
        if answer.target is not None:
            self._publish(answer.target, now_s)
        if answer.warning:
            self.get_logger().warning(answer.warning, throttle_duration_sec=1.0)
        if answer.report:
            self.report()
        self._say(answer.status)

    def _on_trajectory(self, message: PoseTrajectoryMsg) -> None:
        answer = self._service.take(order_from_msg(message), self.now_s())
        if answer.warning:
            self.get_logger().warning(answer.warning)
        self._say(answer.status)

    def _on_status(self, message: TaskStatus) -> None:
        if message.source == Source.CONTROLLER:
            self._service.observe_controller(message.state, message.reason, message.message)

    def _publish(self, target: Target, now_s: float) -> None:
        self._pose_pub.publish(
            pose_to_stamped(target.pose, frame_id=topics.BASE_FRAME, stamp=s_to_stamp(now_s))
        )
        self._width_pub.publish(Float64(data=target.gripper_width))

    def _publish_points(self) -> None:
        if (seen := self._service.points()) is not None:
            stamp_s, points = seen
            self._points_pub.publish(
                points_to_msg(points, frame_id=topics.BASE_FRAME, stamp=s_to_stamp(stamp_s))
            )

    def _say(self, status: ExpertStatus | None) -> None:
        if status is not None:
            self.publish_status(
                status.state,
                status.cause,
                plan_id=status.plan_id,
                stage=status.stage,
                progress=status.progress,
                gripper_width=self._arm.gripper_width_m,
            )


def main() -> None:
    """Run the node."""
    run(ExpertNode)


if __name__ == "__main__":
    main()
