"""The expert node: publishes the action expert's pose targets at 20 Hz."""

from __future__ import annotations

import numpy as np
from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from numpy.typing import NDArray
from sensor_msgs.msg import PointCloud2
from std_msgs.msg import Float64

from bridge_ros.errors import BridgeError
from bridge_ros.expert.action_expert import ActionExpert
from bridge_ros.expert.loop import ExpertLoop, Inference, Target
from bridge_ros.expert.observation import ActionChunk, Observation
from bridge_ros.expert.settings import ExpertSettings
from bridge_ros.expert.worker import ThreadWorker
from bridge_ros.plan import GripperAction
from bridge_ros.priority import NODE_LEVEL, TARGETS_LEVEL
from bridge_ros.ros import topics
from bridge_ros.ros.arm_intake import ArmIntake
from bridge_ros.ros.conversions import (
    points_to_msg,
    pose_to_stamped,
    s_to_stamp,
    stamp_to_s,
    trajectory_from_msg,
)
from bridge_ros.ros.depth_intake import DepthIntake
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.static_transforms import StaticTransforms
from bridge_ros.status import (
    Cause,
    ControllerReason,
    ControllerState,
    ExpertReason,
    ExpertState,
    Hindrance,
    Source,
    cause_of,
    hindrance,
)

SETTINGS = ExpertSettings
_STATUS_EVERY = 10


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

    def __init__(self, **node_options: object) -> None:
        super().__init__("expert", ExpertSettings, **node_options)

    def configure(self) -> None:
        import torch

        torch.set_num_threads(self.settings.threads)
        self._expert = ActionExpert.from_pretrained(
            self.settings.checkpoint, device=self.settings.device
        )
        self.settings.loop.check_serves(self._expert.config, self.settings.checkpoint)
        self._expert.warm_up()
        self._pose_pub = self.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        self._width_pub = self.create_publisher(
            Float64, topics.TARGET_GRIPPER_WIDTH, topics.COMMAND
        )
        self._points_pub = self.create_publisher(PointCloud2, topics.POINTS, topics.SENSOR)

    def activate(self) -> None:
        settings = self.settings
        worker: ThreadWorker[Inference] = ThreadWorker("expert inference", NODE_LEVEL)
        self._loop = ExpertLoop(self._predict, self.own(worker), settings.loop)
        self._loop.forbidden = ExpertReason.CONTROLLER_UNHEARD.because()
        self._ready = False
        self._trajectory = PoseTrajectoryMsg()
        self._said: tuple[ExpertState, str] | None = None
        self._ticks = 0
        self._trouble = ""
        self._seen: tuple[float, NDArray[np.float32]] | None = None
        self._arm = ArmIntake(self, self._loop.observe_arm)
        DepthIntake(
            self,
            settings.cloud,
            StaticTransforms(self),
            lambda stamp_s, source: self._loop.observe_cloud(stamp_s, source, self.now_s()),
        )
        subscribe = self.create_subscription
        subscribe(TaskStatus, topics.STATUS, self._on_status, topics.STATUS_QOS)
        subscribe(PoseTrajectoryMsg, topics.TRAJECTORY, self._on_trajectory, topics.LATCHED)
        self._report_every = round(1.0 / settings.loop.period_s)
        self._report_timer.cancel()
        self.create_timer(settings.loop.period_s, self._on_tick)
        if settings.points_period_s > 0:
            self.create_timer(settings.points_period_s, self._publish_points)

    def deactivate(self) -> None:
        self._report_timer.reset()
        self._loop.stop()

    def diagnostics(self) -> dict[str, object]:
        return {
            "level": "warn" if self._trouble else "ok",
            "message": self._trouble or f"{self._loop.state} {self._trajectory.plan_id}".strip(),
            "sees points": self._expert.config.sees_points,
            **self._loop.statistics.summary(),
        }

    def _on_tick(self) -> None:
        now_s = self.now_s()
        try:
            target = self._loop.step(now_s)
            self._trouble = ""
        except BridgeError as error:
            self._trouble = str(error)
            self.get_logger().warning(f"no targets: {error}", throttle_duration_sec=1.0)
            target = None
        if target is not None:
            self._publish(target, now_s)
        self._ticks += 1
        if self._ticks % self._report_every == 0:
            # Here, and not at a time of its own, which might be that of the next target.
            self.report()
        if not self._ready:
            self._look_round(now_s)
            return
        changed = self._said != (self._loop.state, self._trajectory.plan_id)
        if changed or (
            self._loop.state is ExpertState.FOLLOWING and self._ticks % _STATUS_EVERY == 0
        ):
            self._say(self._loop.cause)

    def _look_round(self, now_s: float) -> None:
        """Say what is still missing, until everything that it acts on was heard."""
        obstacle = self._loop.obstacle(now_s)
        if obstacle is None:
            self._ready = True
            self._say(ExpertReason.WAITING_FOR_TRAJECTORY.because())
        elif self._ticks % _STATUS_EVERY == 1:
            self.publish_status(ExpertState.STARTING, obstacle)

    def _publish(self, target: Target, now_s: float) -> None:
        self._pose_pub.publish(
            pose_to_stamped(target.pose, frame_id=topics.BASE_FRAME, stamp=s_to_stamp(now_s))
        )
        self._width_pub.publish(Float64(data=target.gripper_width))

    def _on_trajectory(self, message: PoseTrajectoryMsg) -> None:
        now_s = self.now_s()
        age_s = now_s - stamp_to_s(message.header.stamp)
        if message.poses and not -1.0 <= age_s <= self.settings.max_trajectory_age_s:
            # Latched from before this node started: nobody waits for it any more.
            self.get_logger().warning(f"ignored a trajectory that is {age_s:.1f} s old")
            return
        if not (message.poses or self._ready):
            return
        self._trajectory, self._ready = message, True
        try:
            trajectory = trajectory_from_msg(message)
            if trajectory is None:
                self._loop.stop()
                self._say(self._loop.cause)
            else:
                self._loop.follow(trajectory, GripperAction.of(message.gripper_action), now_s)
                self._say(self._loop.cause)
        except BridgeError as error:
            self.get_logger().warning(f"trajectory of {message.plan_id!r} not followed: {error}")
            self._loop.drop(cause_of(error, ExpertReason.TRAJECTORY_UNUSABLE))
            self._say(self._loop.cause)

    def _on_status(self, message: TaskStatus) -> None:
        if message.source != Source.CONTROLLER:
            return
        state, reason = ControllerState.read(message.state), ControllerReason.read(message.reason)
        willing = state is not None and hindrance(state, reason) is Hindrance.NONE
        self._loop.forbidden = (
            None
            if willing
            else ExpertReason.CONTROLLER_UNWILLING.because(state=message.state, why=message.message)
        )

    def _predict(self, observation: Observation) -> ActionChunk:
        """Runs in the worker."""
        chunk = self._expert.predict(observation)
        if self._seen is None and self.settings.points_period_s > 0:
            self._seen = (self.now_s(), self._expert.points_seen(observation))
        return chunk

    def _publish_points(self) -> None:
        seen, self._seen = self._seen, None
        if seen is not None:
            stamp_s, points = seen
            self._points_pub.publish(
                points_to_msg(points, frame_id=topics.BASE_FRAME, stamp=s_to_stamp(stamp_s))
            )

    def _say(self, cause: Cause[ExpertReason]) -> None:
        self._said = (self._loop.state, self._trajectory.plan_id)
        self.publish_status(
            self._loop.state,
            cause,
            plan_id=self._trajectory.plan_id,
            stage=self._trajectory.stage,
            progress=self._loop.progress,
            gripper_width=self._arm.gripper_width_m,
        )


def main() -> None:
    """Run the node."""
    run(ExpertNode)


if __name__ == "__main__":
    main()
