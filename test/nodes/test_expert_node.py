"""The expert node on real middleware, against a fake arm that goes where it is told."""

import time

import numpy as np
import pytest
from bridge_interfaces.msg import PoseTrajectory as PoseTrajectoryMsg
from bridge_interfaces.msg import TaskStatus
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped
from node_process import Foreigner, NodeProcess, wait_for
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import CameraInfo, Image, JointState, PointCloud2
from std_msgs.msg import Float64
from tf2_msgs.msg import TFMessage

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.plan import GripperAction
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import (
    depth_to_msg,
    intrinsics_to_msg,
    pose_from_msg,
    pose_to_msg,
    trajectory_to_msg,
)
from bridge_ros.ros.static_transforms import StaticTransforms
from bridge_ros.status import ControllerState, ExpertReason
from bridge_ros.trajectory import PoseTrajectory

START = np.array([0.40, 0.0, 0.30, 1.0, 0.0, 0.0, 0.0])
TARGET = np.array([0.45, 0.10, 0.20, 1.0, 0.0, 0.0, 0.0])
SMALL = Intrinsics(width=64, height=48, fx=61.5, fy=61.5, cx=31.5, cy=23.5)
STATIC = QoSProfile(depth=10, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class FakeCell(Foreigner):
    """Plays controller, gripper and camera; the arm follows at once, the fingers meet a thing."""

    def __init__(self):
        super().__init__()
        self.pose, self.width, self.blocked_m = START, 0.05, 0.0
        self.state, self.with_camera, self.with_arm = ControllerState.IDLE, True, True
        self.targets = []
        node = self.node
        self.listen(PointCloud2, topics.POINTS, topics.SENSOR)
        self.listen(DiagnosticArray, topics.DIAGNOSTICS, topics.RELIABLE)
        self.listen(TFMessage, topics.TF_STATIC, STATIC)
        self.trajectory_pub = node.create_publisher(
            PoseTrajectoryMsg, topics.TRAJECTORY, topics.LATCHED
        )
        self._pose_pub = node.create_publisher(PoseStamped, topics.EE_POSE, topics.RELIABLE)
        self._joint_pub = node.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
        self._status_pub = node.create_publisher(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._depth_pub = node.create_publisher(Image, topics.DEPTH_IMAGE, topics.RELIABLE)
        self._info_pub = node.create_publisher(CameraInfo, topics.DEPTH_INFO, topics.RELIABLE)
        node.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_target, topics.COMMAND)
        node.create_subscription(
            Float64, topics.TARGET_GRIPPER_WIDTH, self._on_width, topics.COMMAND
        )
        camera = load_extrinsics("config/extrinsics/sim.yaml")
        self._transforms = StaticTransforms(node)
        self._transforms.publish(
            {
                (topics.BASE_FRAME, topics.CAMERA_FRAME): camera.base_from_link,
                (topics.CAMERA_FRAME, topics.OPTICAL_FRAME): camera.link_from_optical,
            }
        )
        node.create_timer(0.02, self._measure)
        node.create_timer(0.08, self._take_picture)

    def send(self, plan_id, trajectory, action=GripperAction.CLOSE, age_s=0.0):
        self.trajectory_pub.publish(
            trajectory_to_msg(
                trajectory,
                plan_id=plan_id,
                stage=0,
                gripper_action=action,
                stamp=self.stamp(-age_s),
            )
        )

    def figures(self):
        """The expert's newest figures on /diagnostics."""
        statuses = [s for message in self.heard[topics.DIAGNOSTICS] for s in message.status]
        mine = [status for status in statuses if status.hardware_id == "expert"]
        return {value.key: value.value for value in mine[-1].values} if mine else {}

    def _on_target(self, message):
        self.targets.append((time.monotonic(), pose_from_msg(message.pose)))
        self.pose = self.targets[-1][1]

    def _on_width(self, message):
        self.width = max(message.data, self.blocked_m)

    def _measure(self):
        stamp = self.stamp()
        self._status_pub.publish(
            TaskStatus(source="controller", state=self.state.value, message="as told")
        )
        if not self.with_arm:
            return
        joints = JointState(name=[f"fr3_joint{i}" for i in range(1, 8)], position=[0.0] * 7)
        joints.name = [*joints.name, "finger_joint1", "finger_joint2"]
        joints.position = [*joints.position, self.width / 2, self.width / 2]
        joints.header.stamp = stamp
        pose = PoseStamped(pose=pose_to_msg(self.pose))
        pose.header.frame_id, pose.header.stamp = topics.BASE_FRAME, stamp
        self._joint_pub.publish(joints)
        self._pose_pub.publish(pose)

    def _take_picture(self):
        if not self.with_camera:
            return
        stamp = self.stamp()
        frame = RGBDFrame(
            rgb=np.zeros((48, 64, 3), np.uint8),
            depth_m=np.full((48, 64), 0.95, np.float32),
            intrinsics=SMALL,
            stamp_s=0.0,
        )
        self._info_pub.publish(intrinsics_to_msg(SMALL, stamp))
        self._depth_pub.publish(depth_to_msg(frame, stamp))


@pytest.fixture
def cell():
    cell = FakeCell()
    process = NodeProcess("expert")
    ready = wait_for(lambda: cell.statuses("expert", "idle"), 60)
    time.sleep(0.5)
    yield cell
    code, output = process.stop()
    cell.close()
    assert ready, output
    assert code == 0, output


def fit(start=START, target=TARGET, **widths):
    widths = {"start_width": 0.05, "approach_width": 0.08, "end_width": 0.0} | widths
    return PoseTrajectory.fit(start, target[None, :3], target, **widths)


def is_silent(cell, for_s=0.5):
    """Whether no target comes; one that was on its way is let through first."""
    time.sleep(0.2)
    count = len(cell.targets)
    return not wait_for(lambda: len(cell.targets) > count, for_s)


def test_a_grasp_from_trajectory_to_status(cell):
    cell.blocked_m = 0.04
    cell.send("grasp", fit())
    assert wait_for(lambda: cell.statuses("expert", "following", "grasp"))
    assert wait_for(lambda: cell.statuses("expert", "grasped", "grasp"), 30)
    poses = np.array([pose for _, pose in cell.targets])
    assert np.linalg.norm(poses[0, :3] - START[:3]) < 0.01
    assert np.linalg.norm(poses[-1, :3] - TARGET[:3]) < 0.005
    assert np.linalg.norm(np.diff(poses[:, :3], axis=0), axis=1).max() < 0.05
    assert cell.width == pytest.approx(0.04)
    assert wait_for(lambda: cell.heard[topics.POINTS])

    before = len(cell.targets)
    assert wait_for(lambda: len(cell.targets) > before + 5), "targets go on between two stages"
    cell.send("end", None)
    assert wait_for(lambda: cell.statuses("expert", "idle", "end"))
    assert is_silent(cell)
    assert wait_for(lambda: "camera_to_target_p50_ms" in cell.figures())


def test_fingers_that_close_on_nothing_are_a_missed_grasp(cell):
    cell.send("miss", fit())
    assert wait_for(lambda: cell.statuses("expert", "missed", "miss"), 30)


def test_old_and_distant_trajectories_move_nothing(cell):
    cell.send("old", fit(), age_s=60.0)
    far = START + [0.0, 0.3, 0.0, 0, 0, 0, 0]
    assert is_silent(cell)
    cell.send("far", fit(start=far))
    assert wait_for(lambda: cell.statuses("expert", "failed", "far"))
    assert "from the arm" in cell.statuses("expert", "failed", "far")[-1].message
    assert is_silent(cell)
    assert not cell.statuses("expert", "following", "old")


@pytest.mark.parametrize("lost", ["with_camera", "with_arm"])
def test_losing_the_camera_or_the_arm_ends_the_targets_and_then_the_stage(cell, lost):
    cell.send("lost", fit(target=TARGET + [0.15, -0.2, 0.15, 0, 0, 0, 0]))
    assert wait_for(lambda: len(cell.targets) > 10)
    setattr(cell, lost, False)
    time.sleep(1.0)
    assert is_silent(cell)
    assert wait_for(lambda: cell.statuses("expert", "failed", "lost"))
    setattr(cell, lost, True)
    assert is_silent(cell), "nothing moves by itself when it comes back"


def test_a_controller_that_was_stopped_gets_no_targets(cell):
    cell.send("stopped", fit(target=TARGET + [0.15, -0.2, 0.15, 0, 0, 0, 0]))
    assert wait_for(lambda: len(cell.targets) > 10)
    cell.state = ControllerState.STOPPED
    time.sleep(0.2)
    assert is_silent(cell)
    assert wait_for(lambda: cell.statuses("expert", "failed", "stopped"))
    said = cell.statuses("expert", "failed", "stopped")[-1]
    assert said.reason == ExpertReason.CONTROLLER_UNWILLING
    assert said.message == "the controller takes no targets: stopped, as told"
    cell.state = ControllerState.IDLE
    assert is_silent(cell)


def test_the_node_refuses_to_start_without_a_checkpoint(tmp_path):
    code, output = NodeProcess("expert", checkpoint=str(tmp_path)).finish()
    assert code == 1
    assert "config.json" in output


def test_it_is_not_ready_before_it_has_heard_of_arm_camera_and_controller():
    cell = FakeCell()
    cell.with_arm = False
    process = NodeProcess("expert")
    try:
        assert wait_for(lambda: cell.statuses("expert", "starting"), 60)
        said = cell.statuses("expert", "starting")[-1]
        assert said.reason == ExpertReason.ARM_UNHEARD
        assert "arm's pose" in said.message
        assert not cell.statuses("expert", "idle")
        cell.with_arm = True
        assert wait_for(lambda: cell.statuses("expert", "idle"), 10)
    finally:
        code, output = process.stop()
        cell.close()
    assert code == 0, output


def test_a_checkpoint_for_another_rate_is_not_served():
    node = NodeProcess("expert", **{"loop.period_s": 0.04, "loop.queue.period_s": 0.04})
    code, output = node.finish()
    assert code == 1
    assert "loop.period_s: expected 0.05, the control period that models/action_exp" in output
