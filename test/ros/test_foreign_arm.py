"""ForeignArm over real middleware: what it makes of another controller's messages."""

import time

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import PoseStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState

from bridge_ros.geometry.poses import IDENTITY_POSE
from bridge_ros.hardware.topic_settings import TopicSettings
from bridge_ros.ros.conversions import pose_to_stamped
from bridge_ros.ros.foreign_arm import ForeignArm

SETTINGS = TopicSettings(
    target_topic="/other/target", pose_topic="/other/pose", joint_states_topic="/other/joints"
)
NUMBERS = np.arange(1.0, 8.0)


class Graph:
    """The driver's side and the other controller's, in one node."""

    def __init__(self):
        self.context = rclpy.Context()
        self.context.init()
        self.node = Node("both", context=self.context)
        self.arm = ForeignArm(self.node, SETTINGS)
        self.joints = self.node.create_publisher(JointState, SETTINGS.joint_states_topic, 1)
        self.poses = self.node.create_publisher(PoseStamped, SETTINGS.pose_topic, 1)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)

    def tell_joints(self, order, *, ahead_s=0.0, finger=False):
        message = JointState(name=[f"fr3_joint{int(number)}" for number in order])
        message.position = [float(number) for number in order]
        message.velocity = [0.1 * number for number in message.position]
        if finger:
            message.name.insert(0, "fr3_finger_joint1")
            message.position.insert(0, 0.02)
            message.velocity.insert(0, 0.0)
        message.header.stamp = self.stamp(ahead_s)
        self.until_heard(lambda: self.joints.publish(message), 0)

    def tell_pose(self, *, ahead_s=0.0):
        message = pose_to_stamped(
            IDENTITY_POSE, frame_id=SETTINGS.frame_id, stamp=self.stamp(ahead_s)
        )
        self.until_heard(lambda: self.poses.publish(message), 1)

    def stamp(self, ahead_s):
        now = self.node.get_clock().now().nanoseconds + int(ahead_s * 1e9)
        return rclpy.time.Time(nanoseconds=now).to_msg()

    def until_heard(self, publish, which):
        """Publish until the mailbox has something new, for at most two seconds."""
        before, end_s = self.arm.state.newest[which], time.monotonic() + 2.0
        while self.arm.state.newest[which] is before and time.monotonic() < end_s:
            publish()
            self.executor.spin_once(timeout_sec=0.05)

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        self.context.shutdown()


@pytest.fixture
def graph():
    graph = Graph()
    yield graph
    graph.close()


def test_joints_come_in_the_order_of_their_names_whatever_that_of_the_message(graph):
    graph.tell_joints([3, 1, 2, 7, 6, 5, 4], finger=True)
    joints, _ = graph.arm.state.newest
    np.testing.assert_array_equal(joints.positions, NUMBERS)
    np.testing.assert_allclose(joints.velocities, 0.1 * NUMBERS)
    np.testing.assert_array_equal(joints.torques, np.zeros(7))


def test_another_number_of_joints_is_ignored(graph):
    graph.tell_joints([1, 2, 3, 4, 5, 6])
    assert graph.arm.state.newest == (None, None)


@pytest.mark.parametrize("ahead_s", [0.0, 0.05])
def test_a_state_of_now_is_taken_by_its_stamp(graph, ahead_s):
    graph.tell_pose(ahead_s=ahead_s)
    _, pose = graph.arm.state.newest
    np.testing.assert_array_equal(pose.pose, IDENTITY_POSE)
    assert pose.measured_s <= time.monotonic()


def test_a_state_from_the_future_is_ignored_for_its_age_is_not_known(graph):
    graph.tell_pose(ahead_s=5.0)
    graph.tell_joints(NUMBERS, ahead_s=5.0)
    assert graph.arm.state.newest == (None, None)
