"""The trajectory node: plans in the camera frame become trajectories in the base frame."""

from __future__ import annotations

from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import WaypointPlan as WaypointPlanMsg
from bridge_interfaces.srv import PlanTrajectory
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Path
from std_msgs.msg import Header

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.errors import BridgeError, ConfigError, PlanError
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import GripperAction
from bridge_ros.ros import topics
from bridge_ros.ros.arm_intake import ArmIntake, CommandIntake
from bridge_ros.ros.conversions import (
    plan_from_msg,
    pose_from_msg,
    pose_to_stamped,
    stamp_to_s,
    trajectory_to_msg,
)
from bridge_ros.ros.node import BridgeNode, run
from bridge_ros.ros.static_transforms import StaticTransforms
from bridge_ros.status import TrajectoryReason, TrajectoryState, cause_of
from bridge_ros.trajectory.plan_fitting import fit_plan
from bridge_ros.trajectory.pose_trajectory import PoseTrajectory
from bridge_ros.trajectory.start_of_motion import StartOfMotion
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
        super().__init__("trajectory", TrajectorySettings, **node_options)

    def configure(self) -> None:
        self._extrinsics = load_extrinsics(self.settings.extrinsics_file)
        self._fitted = self._refused = 0
        self._trajectory_pub = self.create_publisher(
            PoseTrajectoryMsg, topics.TRAJECTORY, topics.LATCHED
        )
        self._path_pub = self.create_publisher(Path, topics.PATH, topics.LATCHED)

    def activate(self) -> None:
        self._transforms = StaticTransforms(self)
        camera = self._extrinsics
        transforms = {(topics.BASE_FRAME, topics.CAMERA_FRAME): camera.base_from_link}
        if self.settings.publish_link_to_optical:
            transforms[topics.CAMERA_FRAME, topics.OPTICAL_FRAME] = camera.link_from_optical
        self._transforms.publish(transforms)
        self._start = StartOfMotion(
            max_target_age_s=self.settings.max_target_age_s,
            max_state_age_s=self.settings.max_state_age_s,
        )
        ArmIntake(self, self._start.observe_arm)
        CommandIntake(self, self._start)
        self.create_subscription(WaypointPlanMsg, topics.PLAN, self._on_plan, topics.LATCHED)
        self.create_service(PlanTrajectory, topics.PLAN_TRAJECTORY, self._on_request)
        self.publish_status(TrajectoryState.IDLE, TrajectoryReason.WAITING_FOR_PLAN.because())

    def diagnostics(self) -> dict[str, object]:
        return {
            "message": f"{self._fitted} plans fitted, {self._refused} refused",
            "fitted": self._fitted,
            "refused": self._refused,
        }

    def _on_plan(self, message: WaypointPlanMsg) -> None:
        fields = {
            "plan_id": message.plan_id,
            "stage": message.stage,
            "instruction": message.instruction,
            "subgoal": message.subgoal,
        }
        try:
            trajectory = None
            if message.waypoints:
                self._check_age(message.header)
                pose, width = self._start.at(self.now_s())
                trajectory = self._fit(message, pose, width)
        except BridgeError as error:
            self._refused += 1
            self.get_logger().warning(f"plan {message.plan_id!r} refused: {error}")
            cause = cause_of(error, TrajectoryReason.MALFORMED)
            self.publish_status(TrajectoryState.FAILED, cause, **fields)
            return
        self._trajectory_pub.publish(self._to_msg(trajectory, message))
        self._publish_path(trajectory)
        if trajectory is None:
            cause = TrajectoryReason.PLAN_WITHDRAWN.because()
            self.publish_status(TrajectoryState.IDLE, cause, **fields)
        else:
            self._fitted += 1
            cause = TrajectoryReason.FITTED.because(
                waypoints=len(message.waypoints), duration_s=trajectory.duration_s
            )
            self.publish_status(TrajectoryState.FITTED, cause, **fields)

    def _on_request(
        self, request: PlanTrajectory.Request, response: PlanTrajectory.Response
    ) -> PlanTrajectory.Response:
        try:
            if not request.plan.waypoints:
                raise PlanError(TrajectoryReason.NO_WAYPOINTS.because())
            if request.start.header.frame_id and request.start_width >= 0.0:
                pose, width = self._given_start(request.start), request.start_width
            else:
                pose, width = self._start.at(self.now_s())
                if request.start.header.frame_id:
                    pose = self._given_start(request.start)
                if request.start_width >= 0.0:
                    width = request.start_width
            trajectory = self._fit(request.plan, pose, width)
        except BridgeError as error:
            response.success, response.message = False, str(error)
            return response
        response.success = True
        response.message = f"{trajectory.duration_s:.1f} s"
        response.trajectory = self._to_msg(trajectory, request.plan)
        return response

    def _fit(self, message: WaypointPlanMsg, pose: FloatArray, width: float) -> PoseTrajectory:
        frame = message.header.frame_id
        if frame != topics.OPTICAL_FRAME:
            raise PlanError(
                TrajectoryReason.PLAN_FRAME.because(expected=topics.OPTICAL_FRAME, got=frame)
            )
        plan = plan_from_msg(message)
        assert plan is not None
        try:
            camera_pose = self._transforms.lookup(topics.BASE_FRAME, frame)
        except ConfigError as error:
            raise PlanError(TrajectoryReason.CAMERA_UNPLACED.because(why=error)) from error
        return fit_plan(plan, camera_pose, pose, width, self.settings)

    def _given_start(self, start: PoseStamped) -> FloatArray:
        if start.header.frame_id != topics.BASE_FRAME:
            raise PlanError(
                TrajectoryReason.START_FRAME.because(
                    expected=topics.BASE_FRAME, got=start.header.frame_id
                )
            )
        return pose_from_msg(start.pose)

    def _check_age(self, header: Header) -> None:
        age_s = self.now_s() - stamp_to_s(header.stamp)
        if not -1.0 <= age_s <= self.settings.max_plan_age_s:
            raise PlanError(
                TrajectoryReason.PLAN_OLD.because(age_s=age_s, limit_s=self.settings.max_plan_age_s)
            )

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

    def _publish_path(self, trajectory: PoseTrajectory | None) -> None:
        path = Path()
        path.header.frame_id = topics.BASE_FRAME
        path.header.stamp = self.get_clock().now().to_msg()
        if trajectory is not None:
            path.poses = [
                pose_to_stamped(pose, frame_id=topics.BASE_FRAME, stamp=path.header.stamp)
                for pose in trajectory.poses[::5]
            ]
        self._path_pub.publish(path)


def main() -> None:
    """Run the node."""
    run(TrajectoryNode)


if __name__ == "__main__":
    main()
