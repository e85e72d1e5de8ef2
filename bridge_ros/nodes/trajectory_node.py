"""The trajectory node: plans in the camera frame become trajectories in the base frame."""

from __future__ import annotations

from functools import partial

from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from bridge_interfaces.srv import PlanTrajectory
from nav_msgs.msg import Path

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.errors import BridgeError
from bridge_ros.plan import GripperAction
from bridge_ros.ros import topics
from bridge_ros.ros.arm_intake import ArmIntake, CommandIntake
from bridge_ros.ros.conversions import (
    plan_from_msg,
    stamp_to_s,
    start_from_msg,
    trajectory_to_msg,
)
from bridge_ros.ros.markers import trajectory_path
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.static_transforms import StaticTransforms
from bridge_ros.status import TrajectoryReason, TrajectoryState
from bridge_ros.trajectory import PoseTrajectory
from bridge_ros.trajectory.trajectory_service import TrajectoryService
from bridge_ros.trajectory.trajectory_settings import TrajectorySettings

SETTINGS = TrajectorySettings


class TrajectoryNode(BridgeNode[TrajectorySettings]):
    """Carries plans into base by /tf_static and fits trajectories to them.

    Subscribes: plan (WaypointPlan, camera frame), target_pose and ee_pose (PoseStamped, base),
        target_gripper_width (Float64, [m]), joint_states (fingers [m]), tf_static.
    Publishes: trajectory (PoseTrajectory, base frame) for every usable plan, an empty one for an
        empty plan; path (nav_msgs/Path); tf_static from the calibration file; status.
    Serves: plan_trajectory (PlanTrajectory): the same without any motion.
    """

    def __init__(self, **node_options: object) -> None:
        super().__init__("trajectory", SETTINGS, **node_options)

    def configure(self) -> None:
        self._extrinsics = load_extrinsics(self.settings.extrinsics_file)
        self._trajectory_pub = self.create_publisher(
            PoseTrajectoryMsg, topics.TRAJECTORY, topics.LATCHED
        )
        self._path_pub = self.create_publisher(Path, topics.PATH, topics.LATCHED)

    def activate(self) -> None:
        transforms = StaticTransforms(self)
        self._publish_extrinsics(transforms)
        self._service = TrajectoryService(
            self.settings, partial(transforms.lookup, topics.BASE_FRAME, topics.OPTICAL_FRAME)
        )
        ArmIntake(self, self._service.start.observe_arm)
        CommandIntake(self, self._service.start)
        self.create_subscription(WaypointPlanMsg, topics.PLAN, self._on_plan, topics.LATCHED)
        self.create_service(PlanTrajectory, topics.PLAN_TRAJECTORY, self._on_request)
        self.publish_status(TrajectoryState.IDLE, TrajectoryReason.WAITING_FOR_PLAN.because())

    def diagnostics(self) -> dict[str, object]:
        return self._service.figures()

    def _publish_extrinsics(self, transforms: StaticTransforms) -> None:
        camera = self._extrinsics
        poses = {(topics.BASE_FRAME, topics.CAMERA_FRAME): camera.base_from_link}
        if self.settings.publish_link_to_optical:
            poses[topics.CAMERA_FRAME, topics.OPTICAL_FRAME] = camera.link_from_optical
        transforms.publish(poses)

    def _on_plan(self, message: WaypointPlanMsg) -> None:
        try:
            plan, stamp_s = plan_from_msg(message), stamp_to_s(message.header.stamp)
            answer = self._service.take(plan, stamp_s, self.now_s())
        except BridgeError as error:
            answer = self._service.refuse(error)
        if answer.state is TrajectoryState.FAILED:
            self.get_logger().warning(f"plan {message.plan_id!r} refused: {answer.cause}")
        else:
            trajectory = self._to_msg(answer.trajectory, message)
            self._trajectory_pub.publish(trajectory)
            self._path_pub.publish(trajectory_path(trajectory))
        self.publish_status(
            answer.state,
            answer.cause,
            plan_id=message.plan_id,
            stage=message.stage,
            instruction=message.instruction,
            subgoal=message.subgoal,
        )

    def _on_request(
        self, request: PlanTrajectory.Request, response: PlanTrajectory.Response
    ) -> PlanTrajectory.Response:
        try:
            trajectory = self._service.fit(
                plan_from_msg(request.plan),
                self.now_s(),
                start_pose=start_from_msg(request.start),
                start_width=request.start_width if request.start_width >= 0.0 else None,
            )
        except BridgeError as error:
            response.success, response.message = False, str(error)
            return response
        response.success, response.message = True, f"{trajectory.duration_s:.1f} s"
        response.trajectory = self._to_msg(trajectory, request.plan)
        return response

    def _to_msg(
        self, trajectory: PoseTrajectory | None, plan: WaypointPlanMsg
    ) -> PoseTrajectoryMsg:
        action = GripperAction.KEEP if trajectory is None else GripperAction(plan.gripper_action)
        return trajectory_to_msg(
            trajectory,
            plan_id=plan.plan_id,
            stage=plan.stage,
            gripper_action=action,
            stamp=self.get_clock().now().to_msg(),
        )


def main() -> None:
    """Run the node."""
    run(TrajectoryNode)


if __name__ == "__main__":
    main()
