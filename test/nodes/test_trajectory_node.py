"""The trajectory node on real middleware: plans in, trajectories or reasons out."""

import time

import numpy as np
import pytest
from bridge_interfaces.msg import PoseTrajectory, WaypointPlan
from bridge_interfaces.srv import PlanTrajectory
from geometry_msgs.msg import Point, PoseStamped
from nav_msgs.msg import Path
from node_process import Foreigner, NodeProcess, wait_for
from sensor_msgs.msg import JointState
from tf2_msgs.msg import TFMessage

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.geometry.poses import compose, invert, transform_points
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_from_msg, pose_to_msg

START = np.array([0.35, 0.0, 0.45, 1.0, 0.0, 0.0, 0.0])
TARGET = np.array([0.50, 0.10, 0.02, 1.0, 0.0, 0.0, 0.0])
WAYPOINTS = np.array([[0.50, 0.10, 0.15], [0.50, 0.10, 0.02]])
EXTRINSICS = "config/extrinsics/sim.yaml"
CAMERA = load_extrinsics(EXTRINSICS).base_from_optical


@pytest.fixture(scope="module")
def cell():
    """A running trajectory node, and a foreigner that plays the controller."""
    foreigner = Foreigner()
    foreigner.listen(PoseTrajectory, topics.TRAJECTORY, topics.LATCHED)
    foreigner.listen(Path, topics.PATH, topics.LATCHED)
    foreigner.listen(TFMessage, topics.TF_STATIC, topics.LATCHED)
    pose_pub = foreigner.node.create_publisher(PoseStamped, topics.EE_POSE, topics.RELIABLE)
    joint_pub = foreigner.node.create_publisher(JointState, topics.JOINT_STATES, topics.RELIABLE)
    foreigner.plan_pub = foreigner.node.create_publisher(WaypointPlan, topics.PLAN, topics.LATCHED)
    foreigner.target_pub = foreigner.node.create_publisher(
        PoseStamped, topics.TARGET_POSE, topics.COMMAND
    )
    foreigner.client = foreigner.node.create_client(PlanTrajectory, topics.PLAN_TRAJECTORY)

    def measure():
        pose = PoseStamped(pose=pose_to_msg(START))
        pose.header.frame_id, pose.header.stamp = topics.BASE_FRAME, foreigner.stamp()
        joints = JointState(name=["finger_joint1", "finger_joint2"], position=[0.03, 0.03])
        joints.header.stamp = pose.header.stamp
        pose_pub.publish(pose)
        joint_pub.publish(joints)

    foreigner.node.create_timer(0.05, measure)
    process = NodeProcess("trajectory", extrinsics_file=EXTRINSICS)
    assert wait_for(lambda: foreigner.statuses("trajectory", "idle"), 30)
    assert foreigner.client.wait_for_service(timeout_sec=10)
    yield foreigner
    code, output = process.stop()
    foreigner.close()
    assert code == 0, output


def camera_plan(foreigner, waypoints=WAYPOINTS, target=TARGET, **fields):
    message = WaypointPlan(
        plan_id="plan", gripper_action=WaypointPlan.GRIPPER_CLOSE, approach_width=0.08
    )
    message.header.frame_id, message.header.stamp = topics.OPTICAL_FRAME, foreigner.stamp()
    seen = transform_points(invert(CAMERA), waypoints)
    message.waypoints = [Point(x=x, y=y, z=z) for x, y, z in seen.tolist()]
    message.target_pose = pose_to_msg(compose(invert(CAMERA), target))
    for name, value in fields.items():
        setattr(message, name, value)
    return message


def ask(foreigner, plan, start=None, width=-1.0):
    request = PlanTrajectory.Request(plan=plan, start_width=width)
    if start is not None:
        request.start.header.frame_id, request.start.pose = topics.BASE_FRAME, pose_to_msg(start)
    future = foreigner.client.call_async(request)
    assert wait_for(future.done)
    return future.result()


def test_the_service_turns_a_camera_frame_plan_into_a_base_frame_trajectory(cell):
    reply = ask(cell, camera_plan(cell), START, 0.05)
    assert reply.success, reply.message
    trajectory = reply.trajectory
    assert trajectory.header.frame_id == topics.BASE_FRAME
    assert np.allclose(pose_from_msg(trajectory.poses[0])[:3], START[:3], atol=1e-6)
    assert np.allclose(pose_from_msg(trajectory.poses[-1])[:3], TARGET[:3], atol=1e-6)
    assert trajectory.gripper_widths[0] == pytest.approx(0.08)
    assert trajectory.gripper_widths[-1] == 0.0


def test_the_service_starts_from_the_measured_arm_unless_told_otherwise(cell):
    plan = camera_plan(cell, approach_width=-1.0)
    assert wait_for(lambda: ask(cell, plan).success), "the arm was never heard"
    reply = ask(cell, plan)
    assert np.allclose(pose_from_msg(reply.trajectory.poses[0])[:3], START[:3], atol=1e-6)
    assert reply.trajectory.gripper_widths[0] == pytest.approx(0.06)


@pytest.mark.parametrize(("aside_m", "starts_aside_m"), [(0.02, 0.02), (0.10, 0.0)])
def test_a_motion_begins_at_a_target_that_the_arm_follows_and_not_at_one_far_from_it(
    cell, aside_m, starts_aside_m
):
    target = PoseStamped(pose=pose_to_msg(START + [0.0, aside_m, 0, 0, 0, 0, 0]))
    target.header.frame_id = topics.BASE_FRAME

    def begins_there():
        target.header.stamp = cell.stamp()
        cell.target_pub.publish(target)
        reply = ask(cell, camera_plan(cell))
        begin = pose_from_msg(reply.trajectory.poses[0])[:3] if reply.success else START[:3] - 1.0
        return np.allclose(begin - START[:3], [0.0, starts_aside_m, 0.0], atol=1e-6)

    assert wait_for(begins_there)


def test_a_target_in_another_frame_does_not_tell_where_a_motion_begins(cell):
    target = PoseStamped(pose=pose_to_msg(START + [0.0, 0.02, 0, 0, 0, 0, 0]))
    target.header.frame_id = topics.OPTICAL_FRAME
    time.sleep(0.5)  # Targets of other tests are old by then.
    for _ in range(10):
        target.header.stamp = cell.stamp()
        cell.target_pub.publish(target)
        time.sleep(0.02)
        reply = ask(cell, camera_plan(cell))
        assert reply.success
        assert np.allclose(pose_from_msg(reply.trajectory.poses[0])[:3], START[:3], atol=1e-6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"waypoints": [Point(x=float("nan")), Point(z=0.8)]}, "waypoint 1 of 2 is not finite"),
        ({"waypoints": [Point(z=0.8)]}, "expected at least 2"),
        ({"waypoints": []}, "no waypoints"),
        ({"gripper_action": 7}, "gripper_action"),
        ({"approach_width": float("nan")}, "approach_width"),
    ],
)
def test_the_service_says_what_is_wrong_with_a_malformed_plan(cell, change, reason):
    plan = camera_plan(cell)
    for name, value in change.items():
        setattr(plan, name, value)
    reply = ask(cell, plan, START, 0.05)
    assert not reply.success
    assert reason in reply.message
    assert len(reply.trajectory.poses) == 0


def test_the_service_names_the_waypoint_that_cannot_be_reached(cell):
    waypoints = np.array([[0.50, 0.10, 0.15], [1.30, 0.10, 0.15], [0.50, 0.10, 0.02]])
    reply = ask(cell, camera_plan(cell, waypoints), START, 0.05)
    assert not reply.success
    assert "waypoint 2 of 3" in reply.message
    assert "outside the workspace" in reply.message


def test_the_service_refuses_a_plan_in_another_frame(cell):
    plan = camera_plan(cell)
    plan.header.frame_id = topics.BASE_FRAME
    reply = ask(cell, plan, START, 0.05)
    assert not reply.success
    assert topics.OPTICAL_FRAME in reply.message


def test_a_plan_on_the_topic_becomes_a_trajectory_and_a_path(cell):
    cell.plan_pub.publish(camera_plan(cell, plan_id="topic", stage=2))
    assert wait_for(lambda: [m for m in cell.heard[topics.TRAJECTORY] if m.plan_id == "topic"])
    trajectory = cell.heard[topics.TRAJECTORY][-1]
    assert (trajectory.stage, trajectory.gripper_action) == (2, WaypointPlan.GRIPPER_CLOSE)
    assert wait_for(lambda: cell.statuses("trajectory", "fitted", "topic"))
    assert wait_for(lambda: cell.heard[topics.PATH] and cell.heard[topics.PATH][-1].poses)


def test_an_empty_plan_becomes_an_empty_trajectory(cell):
    plan = camera_plan(cell, plan_id="empty")
    plan.waypoints = []
    cell.plan_pub.publish(plan)
    assert wait_for(lambda: [m for m in cell.heard[topics.TRAJECTORY] if m.plan_id == "empty"])
    assert len(cell.heard[topics.TRAJECTORY][-1].poses) == 0


def test_an_old_plan_is_refused_and_moves_nothing(cell):
    plan = camera_plan(cell, plan_id="old")
    plan.header.stamp = cell.stamp(-120.0)
    cell.plan_pub.publish(plan)
    assert wait_for(lambda: cell.statuses("trajectory", "failed", "old"))
    assert "old" in cell.statuses("trajectory", "failed", "old")[-1].message
    assert not [m for m in cell.heard[topics.TRAJECTORY] if m.plan_id == "old"]


def test_tf_static_holds_the_calibrated_chain_from_base_to_the_optical_frame(cell):
    assert wait_for(lambda: cell.heard[topics.TF_STATIC])
    chain = {
        t.child_frame_id: (t.header.frame_id, t.transform)
        for message in cell.heard[topics.TF_STATIC]
        for t in message.transforms
    }
    assert chain[topics.OPTICAL_FRAME][0] == topics.CAMERA_FRAME
    assert chain[topics.CAMERA_FRAME][0] == topics.BASE_FRAME
    poses = []
    for frame in (topics.CAMERA_FRAME, topics.OPTICAL_FRAME):
        t, r = chain[frame][1].translation, chain[frame][1].rotation
        poses.append([t.x, t.y, t.z, r.x, r.y, r.z, r.w])
    assert np.allclose(compose(*poses)[:3], CAMERA[:3], atol=1e-9)


@pytest.mark.parametrize("file", ["no/such/file.yaml", ""])
def test_the_node_refuses_to_start_without_its_calibration_file(file):
    parameters = {"extrinsics_file": file} if file else {}
    code, output = NodeProcess("trajectory", **parameters).finish()
    assert code == 1
    assert (file or "expected the camera's calibration file") in output
