"""On the graph: the arm is led slowly by targets, and a picture counts only if taken at rest."""

import threading

import numpy as np
import pytest
import rclpy
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import PoseStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image
from synthetic_views import INTRINSICS, UPRIGHT, moved

from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, ConfigError, HardwareError
from bridge_ros.lab.calibration.calibration_settings import MotionSettings
from bridge_ros.lab.calibration.errors import MovingArmError
from bridge_ros.lab.calibration.graph_cell import GraphCell
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import color_to_msg, intrinsics_to_msg, pose_from_msg
from bridge_ros.ros.conversions import pose_to_stamped as stamped

# Shorter waits than on a robot, and a little faster.
MOTION = MotionSettings(speed_m_s=0.2, turn_rad_s=1.0, rest_s=0.2, timeout_s=3.0)


class Robot:
    """Follows targets at once, says where it is, and takes pictures; in a context of its own."""

    def __init__(self, state="idle", camera=True):
        self.pose = UPRIGHT
        self.targets = []
        self.tremble_m = 0.0
        self.follows = True
        self.distortion = 0.0
        self._state = state
        self._context = rclpy.Context()
        self._context.init()
        self._node = node = Node("robot", context=self._context)
        publish = node.create_publisher
        self._pose_pub = publish(PoseStamped, topics.EE_POSE, topics.RELIABLE)
        self._image_pub = publish(Image, topics.COLOR_IMAGE, topics.RELIABLE)
        self._info_pub = publish(CameraInfo, topics.COLOR_INFO, topics.RELIABLE)
        self._status_pub = publish(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        node.create_subscription(PoseStamped, topics.TARGET_POSE, self._on_target, 10)
        node.create_timer(0.02, self._tell)
        if camera:
            node.create_timer(0.1, self._photograph)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()
        self._status_pub.publish(
            TaskStatus(source="controller", state=state, message="as the test wants")
        )

    def close(self):
        self._executor.shutdown()
        self._thread.join()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _on_target(self, message):
        self.targets.append(message)
        if self.follows:
            self.pose = pose_from_msg(message.pose)

    def _tell(self):
        self.tremble_m = -self.tremble_m
        pose = moved(self.pose, (self.tremble_m, 0.0, 0.0))
        stamp = self._node.get_clock().now().to_msg()
        self._pose_pub.publish(stamped(pose, frame_id="base", stamp=stamp))

    def _photograph(self):
        stamp = self._node.get_clock().now().to_msg()
        frame = RGBDFrame(
            rgb=np.full((480, 640, 3), 77, dtype=np.uint8),
            depth_m=np.zeros((480, 640), dtype=np.float32),
            intrinsics=INTRINSICS,
            stamp_s=0.0,
        )
        self._image_pub.publish(color_to_msg(frame, stamp))
        info = intrinsics_to_msg(INTRINSICS, stamp)
        info.d = [self.distortion] * 5
        self._info_pub.publish(info)


@pytest.fixture
def robot():
    robot = Robot()
    yield robot
    robot.close()


def test_the_arm_is_led_straight_and_slowly_and_looks_at_rest(robot):
    goal = moved(UPRIGHT, (0.03, -0.04, 0.02), (0.1, 0.0, 0.0))
    with GraphCell(MOTION) as cell:
        cell.wait_ready(10.0)
        assert cell.intrinsics == INTRINSICS
        cell.move_to(goal)
        look = cell.look()
    np.testing.assert_allclose(robot.pose[:3], goal[:3], atol=1e-3)
    np.testing.assert_allclose(look.ee_pose[:3], goal[:3], atol=1e-3)
    assert look.rgb.shape == (480, 640, 3)
    assert all(target.header.frame_id == "base" for target in robot.targets)
    path = np.array([pose_from_msg(target.pose)[:3] for target in robot.targets])
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < 0.05
    along = (goal - UPRIGHT)[:3] / np.linalg.norm((goal - UPRIGHT)[:3])
    beside = (path - UPRIGHT[:3]) - np.outer((path - UPRIGHT[:3]) @ along, along)
    assert np.abs(beside).max() < 1e-4


def test_moving_to_where_the_arm_is_goes_nowhere(robot):
    with GraphCell(MOTION) as cell:
        cell.wait_ready(10.0)
        cell.move_to(UPRIGHT)
        np.testing.assert_allclose(cell.look().ee_pose, UPRIGHT, atol=1e-9)


def test_a_hand_that_trembles_gives_no_view(robot):
    robot.tremble_m = 0.001
    with GraphCell(MOTION) as cell:
        cell.wait_ready(10.0)
        with pytest.raises(MovingArmError, match="2.0 mm .* hold it still"):
            cell.look()


def test_an_arm_that_does_not_follow_is_told_with_what_the_controller_says(robot):
    robot.follows = False
    with GraphCell(MOTION) as cell:
        cell.wait_ready(10.0)
        with pytest.raises(HardwareError, match="stays 100 mm .* idle - as the test wants"):
            cell.move_to(moved(UPRIGHT, (0.1, 0.0, 0.0)))


def test_distorted_pictures_are_refused(robot):
    robot.distortion = 0.1
    with GraphCell(MOTION) as cell:
        cell.wait_ready(10.0)
        with pytest.raises(ConfigError, match="without distortion"):
            _ = cell.intrinsics


def test_nothing_is_sent_while_the_controller_is_in_a_fault():
    robot = Robot(state="fault")
    try:
        with GraphCell(MOTION) as cell:
            cell.wait_ready(10.0)
            with pytest.raises(HardwareError, match="does not move: fault - as the test wants"):
                cell.move_to(moved(UPRIGHT, (0.05, 0.0, 0.0)))
        assert robot.targets == []
    finally:
        robot.close()


def test_a_graph_without_a_camera_is_told():
    robot = Robot(camera=False)
    try:
        with GraphCell(MOTION) as cell, pytest.raises(CameraError, match="running camera node"):
            cell.wait_ready(2.0)
    finally:
        robot.close()


def test_a_graph_without_a_controller_is_told():
    with GraphCell(MOTION) as cell, pytest.raises(HardwareError, match="running controller"):
        cell.wait_ready(0.5)
