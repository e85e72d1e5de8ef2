"""A small episode as the graph would have said it: two seconds of motion, with images."""

import numpy as np
from bridge_interfaces.msg import PoseTrajectory, WaypointPlan
from geometry_msgs.msg import Point, Pose
from sensor_msgs.msg import CameraInfo, Image, JointState
from std_msgs.msg import Float64
from written_episode import write_messages

from bridge_ros.ros import topics
from bridge_ros.ros.conversions import pose_to_stamped, s_to_stamp

START_S = 1_000_000_000.0
SENTENCE = "pick up the red cube"
TARGETS, IMAGES = 41, 21


def commanded(time_s):
    """The hand goes 0.1 m/s along x."""
    return np.array([0.4 + 0.1 * time_s, 0.0, 0.3, 1.0, 0.0, 0.0, 0.0])


def write_pick(path, *, finish=True, sentence=SENTENCE, widths=True, last_state=60):
    """Targets at 20 Hz, states at 25 Hz half a centimetre behind, images at 10 Hz, each one grey.

    The measured quaternion has the other sign. All is stamped from `START_S` on.
    """
    said = []

    def say(time_s, topic, message):
        said.append((time_s, topic, message))

    def stamp(time_s):
        return s_to_stamp(START_S + time_s)

    if sentence:
        plan = WaypointPlan(plan_id="p", instruction=sentence, subgoal="grasp", waypoints=[Point()])
        plan.header.stamp = stamp(-0.1)
        say(-0.1, topics.PLAN, plan)
        trajectory = PoseTrajectory(plan_id="p", poses=[Pose()])
        trajectory.header.stamp = stamp(0.0)
        say(0.0, topics.TRAJECTORY, trajectory)
    for number in range(-5, last_state + 1):
        time_s = number * 0.04
        behind = commanded(time_s) - [0.005, 0, 0, 2, 0, 0, 0]
        pose = pose_to_stamped(behind, frame_id=topics.BASE_FRAME, stamp=stamp(time_s))
        say(time_s, topics.EE_POSE, pose)
        joints = JointState(
            name=[f"fr3_joint{n}" for n in range(1, 8)] + ["f1_finger", "f2_finger"]
        )
        joints.position = [0.1 * n for n in range(7)] + [0.02, 0.02]
        joints.header.stamp = stamp(time_s)
        say(time_s, topics.JOINT_STATES, joints)
    for number in range(TARGETS):
        time_s = number * 0.05
        target = pose_to_stamped(commanded(time_s), frame_id=topics.BASE_FRAME, stamp=stamp(time_s))
        say(time_s, topics.TARGET_POSE, target)
        if widths:
            say(time_s, topics.TARGET_GRIPPER_WIDTH, Float64(data=0.03))
    for number in range(IMAGES):
        time_s = number * 0.1
        image = Image(height=24, width=32, encoding="rgb8", step=96)
        image.data.frombytes(bytes([10 * number]) * (24 * 96))
        info = CameraInfo(height=24, width=32)
        image.header.stamp = info.header.stamp = stamp(time_s)
        say(time_s + 0.005, topics.COLOR_INFO, info)
        say(time_s + 0.005, topics.COLOR_IMAGE, image)

    return write_messages(
        path, [(START_S + time_s, *rest) for time_s, *rest in said], finish=finish
    )
