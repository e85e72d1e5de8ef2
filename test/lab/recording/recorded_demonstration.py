"""A demonstration as `bridge-ros record --task` would have heard it."""

import numpy as np
from bridge_interfaces.msg import TaskStatus
from geometry_msgs.msg import TransformStamped
from sensor_msgs.msg import JointState
from tf2_msgs.msg import TFMessage
from written_episode import write_messages

from bridge_ros.camera.extrinsics import D435_LINK_FROM_OPTICAL
from bridge_ros.geometry.poses import compose, invert
from bridge_ros.lab.annotation.records import annotate_episode
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import (
    color_to_msg,
    depth_to_msg,
    intrinsics_to_msg,
    plan_to_msg,
    pose_to_stamped,
    s_to_stamp,
)
from bridge_ros.status import TaskState

START_S = 1_000_000_000.0
HEARD_AFTER_S = 0.004


def write_recorded(
    path, shown, *, sentence=None, planned=True, ended=TaskState.SUCCEEDED, without=()
):
    """Write a demonstration, and what was latched before it.

    Args:
        sentence: in place of the demonstration's, in every plan but the first.
        planned: by a planner, and then the gripper is closed after the end; otherwise driven by a
            person.
        ended: how the planner says that it ended.
        without: topics that were not recorded.
    """
    said = []

    def say(time_s, topic, message):
        if topic not in without:
            said.append((START_S + time_s + HEARD_AFTER_S, topic, message))

    def stamp(time_s):
        return s_to_stamp(START_S + time_s)

    def tell_planner(time_s, state):
        status = TaskStatus(source="planner", state=state.value, instruction=shown.instruction)
        status.header.stamp = stamp(time_s)
        say(time_s, topics.STATUS, status)

    def tell_plan(time_s, plan, instruction):
        told = plan_to_msg(plan, plan_id="p", instruction=instruction, stage=0, stamp=stamp(time_s))
        say(time_s + 0.2, topics.PLAN, told)

    times_s, poses, widths = vars(shown.motion).values()
    if planned:
        records, _ = annotate_episode(shown, images=shown.source)
        tell_plan(-9.0, records[0].plan, "what was done before")
        tell_planner(-8.0, TaskState.FAILED)
        for number, (time_s, record) in enumerate(zip(shown.frames.times_s, records, strict=True)):
            instruction = sentence if sentence and number else shown.instruction
            tell_plan(float(time_s), record.plan, instruction)
            tell_planner(float(time_s), TaskState.EXECUTING)
        tell_planner(float(times_s[-1]), ended)
        later_s = times_s[-1] + np.arange(1, 40) * 0.05
        times_s = np.concatenate([times_s, later_s])
        poses = np.concatenate([poses, np.tile(poses[-1], (len(later_s), 1))])
        widths = np.concatenate([widths, np.linspace(widths[-1], 0.0, len(later_s))])
    for time_s, pose, width_m in zip(times_s, poses, widths, strict=True):
        there = pose_to_stamped(pose, frame_id=topics.BASE_FRAME, stamp=stamp(time_s))
        say(time_s, topics.EE_POSE, there)
        joints = JointState(name=["f1_finger", "f2_finger"], position=[width_m / 2, width_m / 2])
        joints.header.stamp = stamp(time_s)
        say(time_s, topics.JOINT_STATES, joints)
    for number, time_s in enumerate(shown.frames.times_s):
        frame, taken = shown.frames.read(number), stamp(time_s)
        say(time_s, topics.COLOR_INFO, intrinsics_to_msg(frame.intrinsics, taken))
        say(time_s, topics.COLOR_IMAGE, color_to_msg(frame, taken))
        say(time_s + 0.01, topics.DEPTH_IMAGE, depth_to_msg(frame, taken))
    say(-1.0, topics.TF_STATIC, transforms(shown.T_base_camera))
    return write_messages(path, said)


def transforms(T_base_camera):
    """As the trajectory node publishes them."""
    link = compose(T_base_camera, invert(D435_LINK_FROM_OPTICAL))
    message = TFMessage()
    for parent, child, pose in (
        (topics.BASE_FRAME, topics.CAMERA_FRAME, link),
        (topics.CAMERA_FRAME, topics.OPTICAL_FRAME, D435_LINK_FROM_OPTICAL),
    ):
        stamped = TransformStamped(child_frame_id=child)
        stamped.header.frame_id = parent
        t, r = stamped.transform.translation, stamped.transform.rotation
        t.x, t.y, t.z, r.x, r.y, r.z, r.w = map(float, pose)
        message.transforms.append(stamped)
    return message
