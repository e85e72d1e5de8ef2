"""The controller node as a process, on real middleware and simulated devices."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import rclpy
import yaml
from bridge_interfaces.msg import TaskStatus
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import JointState
from simulated_robot import HAND, SimulatedRobot, wait_until
from std_msgs.msg import Float64
from std_srvs.srv import Trigger

from bridge_ros.hardware.fr3_kinematics import tcp_pose
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, pose_to_msg
from bridge_ros.ros.liveness import Liveness
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings


class Client:
    """A foreign view, and, as node "expert", the one whose life the controller watches."""

    def __init__(self):
        self.context = rclpy.Context()
        self.context.init()
        self.node = Node("expert", context=self.context)
        self.status = self.joints = self.pose = self.figures = None
        subscribe = self.node.create_subscription
        subscribe(TaskStatus, topics.STATUS, self.on_status, topics.STATUS_QOS)
        subscribe(JointState, topics.JOINT_STATES, self.on_joints, topics.RELIABLE)
        subscribe(PoseStamped, topics.EE_POSE, self.on_pose, topics.RELIABLE)
        subscribe(DiagnosticArray, topics.DIAGNOSTICS, self.on_figures, topics.RELIABLE)
        self.targets = self.node.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
        self.widths = self.node.create_publisher(
            Float64, topics.TARGET_GRIPPER_WIDTH, topics.COMMAND
        )
        self.services = {
            name: self.node.create_client(Trigger, name)
            for name in (topics.STOP, topics.RESUME, topics.HOME)
        }
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.closing = False
        self.thread = threading.Thread(target=self.spin)
        self.thread.start()

    def spin(self):
        while not self.closing:
            self.executor.spin_once(timeout_sec=0.05)

    def on_status(self, message):
        if message.source == "controller":
            self.status = message

    def on_joints(self, message):
        self.joints = message

    def on_pose(self, message):
        self.pose = message

    def on_figures(self, message):
        self.figures = {value.key: value.value for value in message.status[0].values}

    def state(self):
        return self.status.state if self.status else ""

    def call(self, name):
        assert self.services[name].wait_for_service(10.0)
        future = self.services[name].call_async(Trigger.Request())
        wait_until(future.done)
        return future.result()

    def stream(self, velocity_m_s, seconds, frame_id="base", stranger=None):
        pose = pose_from_msg(self.pose.pose)
        for _ in range(round(seconds / 0.05)):
            pose[:3] += 0.05 * np.array(velocity_m_s)
            message = PoseStamped(pose=pose_to_msg(pose))
            message.header.frame_id = frame_id
            message.header.stamp = self.node.get_clock().now().to_msg()
            self.targets.publish(message)
            if stranger is not None:
                time.sleep(0.02)
                message.pose.position.y += 0.03
                stranger.publish(message)
            time.sleep(0.05)

    def close(self):
        self.closing = True
        self.thread.join()
        self.node.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def client():
    client = Client()
    yield client
    client.close()


@pytest.fixture
def devices():
    robot = SimulatedRobot(3)
    with WsgServer(RateLimitedJaws(time.monotonic), WsgServerSettings(port=0)) as gripper:
        yield robot, gripper
    robot.kill()


@pytest.fixture
def start(tmp_path):
    processes = []
    tool = tmp_path / "hand.yaml"
    document = {
        "mass_kg": HAND.mass_kg,
        "center_of_mass_m": HAND.center_of_mass_m.tolist(),
        "inertia_kg_m2": HAND.inertia_kg_m2.tolist(),
        "flange_to_tcp": {
            "translation_m": HAND.flange_to_tcp[:3].tolist(),
            "rotation_xyzw": HAND.flange_to_tcp[3:].tolist(),
        },
        "stroke_m": HAND.stroke_m,
    }
    tool.write_text(yaml.safe_dump(document))

    def start_node(**parameters):
        parameters = {"arm.tool_file": tool, "required_nodes": "[expert]", **parameters}
        arguments = [
            word for name, value in parameters.items() for word in ("-p", f"{name}:={value}")
        ]
        process = subprocess.Popen(
            [sys.executable, "-m", "bridge_ros.nodes.controller_node", "--ros-args", *arguments]
        )
        processes.append(process)
        return process

    yield start_node
    for process in processes:
        process.terminate()
        process.wait(15)


def test_without_a_robot_the_node_comes_up_and_says_what_it_tries(client, start):
    start(**{"arm.host": "127.0.99.98", "gripper.driver": "none"})
    wait_until(lambda: client.state() == "disconnected", 30.0)
    wait_until(lambda: "127.0.99.98" in client.status.message)
    assert client.call(topics.STOP).success
    reply = client.call(topics.HOME)
    assert not reply.success
    assert "disconnected" in reply.message
    assert client.joints is None


def test_with_a_robot_it_follows_targets_and_obeys_the_services(client, start, devices):
    robot, gripper = devices
    process = start(
        **{"arm.host": robot.host, "gripper.host": "127.0.0.1", "gripper.port": gripper.port}
    )
    wait_until(lambda: client.state() == "hold", 30.0)
    assert client.status.reason in ("node_ended", "node_silent")
    assert "expert" in client.status.message
    alive = Liveness(client.node)
    wait_until(lambda: client.state() == "idle" and client.pose is not None)
    assert len(client.joints.position) == 9
    assert client.joints.name[0] == "fr3_joint1"
    assert client.status.gripper_width == pytest.approx(0.11, abs=0.002)

    before = pose_from_msg(client.pose.pose)
    client.widths.publish(Float64(data=0.05))
    client.stream((0.0, 0.0, -0.05), 1.0)
    assert client.state() == "active"
    assert pose_from_msg(client.pose.pose)[2] < before[2] - 0.02
    wait_until(lambda: client.state() == "hold")
    wait_until(lambda: client.joints.position[7] == pytest.approx(0.025, abs=0.001))

    client.stream((0.0, 0.0, 0.0), 0.2, frame_id="elsewhere")
    wait_until(lambda: int(client.figures.get("refused frame", 0)) == 4)
    assert int(client.figures["targets accepted"]) == 20
    assert 0.5 < float(client.figures["joint limit margin rad"]) < 2.0
    assert 0.05 < float(client.figures["dexterity"]) < 0.5

    stranger = client.node.create_publisher(PoseStamped, topics.TARGET_POSE, topics.COMMAND)
    client.stream((0.0, 0.0, 0.0), 0.5, stranger=stranger)
    wait_until(lambda: int(client.figures["ignored of other senders"]) > 0)

    assert client.call(topics.STOP).success
    wait_until(lambda: client.state() == "stopped")
    assert not client.call(topics.HOME).success
    assert client.call(topics.RESUME).success
    wait_until(lambda: client.state() == "idle")
    assert client.call(topics.HOME).success
    wait_until(lambda: client.status.reason == "home_reached", 30.0)

    client.executor.create_task(
        alive.close
    )  # Only its own thread may take from it what it waits for.
    wait_until(lambda: "expert" in client.status.message)
    process.terminate()
    assert process.wait(15) == 0


def test_a_franka_hand_closes_while_the_arm_at_the_same_address_follows(client, start):
    robot = SimulatedRobot(4)
    try:
        start(
            **{
                "arm.host": robot.host,
                "arm.tool_file": "models/franka_hand/franka_hand.yaml",
                "gripper.driver": "franka_hand",
                "gripper.host": robot.host,
                "gripper.stroke_m": 0.08,
                "gripper.max_speed_m_s": 0.1,
            }
        )
        wait_until(lambda: client.state() == "hold", 30.0)
        alive = Liveness(client.node)
        wait_until(lambda: client.state() == "idle" and client.pose is not None)
        before = pose_from_msg(client.pose.pose)
        client.widths.publish(Float64(data=0.02))
        client.stream((0.0, 0.0, -0.05), 1.0)
        assert client.state() == "active"
        assert pose_from_msg(client.pose.pose)[2] < before[2] - 0.02
        wait_until(lambda: client.joints.position[7] == pytest.approx(0.01, abs=0.002))
        assert client.state() != "fault"
        client.executor.create_task(alive.close)
    finally:
        robot.kill()


class ForeignController:
    """A perfect Cartesian controller on topics: its arm is at once where it is sent.

    Its joints never move, which only the driver's connecting minds.
    """

    def __init__(self, node):
        self.node = node
        self.joints = np.array([0.0, -0.5716, 0.0, -1.966, 0.0, 1.3944, 0.7854])
        self.pose, self.frames, self.silent = tcp_pose(self.joints, HAND.flange_to_tcp), set(), True
        self.joints_pub = node.create_publisher(JointState, "/franka/joint_states", 1)
        self.pose_pub = node.create_publisher(
            PoseStamped, "/franka_robot_state_broadcaster/current_pose", 1
        )
        node.create_subscription(
            PoseStamped, "/cartesian_controller/target_pose", self.on_target, 1
        )
        node.create_timer(0.01, self.tell)

    def on_target(self, message):
        self.pose = pose_from_msg(message.pose)
        self.frames.add(message.header.frame_id)

    def tell(self):
        if self.silent:
            return
        stamp = self.node.get_clock().now().to_msg()
        joints = JointState(name=[f"fr3_joint{n}" for n in range(1, 8)])
        joints.position, joints.header.stamp = self.joints.tolist(), stamp
        pose = PoseStamped(pose=pose_to_msg(self.pose))
        pose.header.frame_id, pose.header.stamp = "fr3_link0", stamp
        self.joints_pub.publish(joints)
        self.pose_pub.publish(pose)


def test_another_controller_is_driven_through_its_topics(client, start):
    foreign = ForeignController(client.node)
    start(**{"arm.driver": "topic", "arm.topic.max_age_s": 0.5, "gripper.driver": "none"})
    wait_until(lambda: client.state() == "disconnected", 30.0)
    assert "is the other controller running" in client.status.message
    alive = Liveness(client.node)
    foreign.silent = False
    wait_until(lambda: client.state() == "idle" and client.pose is not None)

    before = foreign.pose
    client.stream((0.0, 0.0, -0.05), 1.0)
    assert before[2] - foreign.pose[2] == pytest.approx(0.05, abs=0.02)
    assert foreign.frames == {"fr3_link0"}
    wait_until(lambda: client.state() == "hold")

    client.stream((0.0, 0.0, 0.0), 0.3)
    foreign.silent = True
    client.stream((0.0, 0.0, 0.0), 0.8)
    wait_until(lambda: client.state() == "disconnected")
    foreign.pose, foreign.silent = before, False
    wait_until(lambda: client.state() == "fault")
    assert client.status.reason == "lost_in_motion"
    client.executor.create_task(alive.close)


def test_a_foreign_state_on_a_topic_of_our_own_is_refused(client, start):
    process = start(
        **{
            "arm.driver": "topic",
            "arm.topic.joint_states_topic": "/joint_states",
            "gripper.driver": "none",
        }
    )
    assert process.wait(30) == 1
