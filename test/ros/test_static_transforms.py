"""Calibration files, and look-ups along /tf_static."""

import time

import numpy as np
import pytest
import rclpy
from geometry_msgs.msg import TransformStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import compose, invert
from bridge_ros.ros import topics
from bridge_ros.ros.static_transforms import StaticTransforms

LINK = np.array([1.2, 0.0, 0.7, 0.0, 0.0, 1.0, 0.0])
OPTICAL = np.array([0.0, 0.015, 0.0, -0.5, 0.5, -0.5, 0.5])


@pytest.fixture
def context():
    context = rclpy.Context()
    context.init()
    yield context
    context.try_shutdown()


def wait(nodes, context, condition):
    executor = SingleThreadedExecutor(context=context)
    for node in nodes:
        executor.add_node(node)
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        executor.spin_once(timeout_sec=0.05)
    return condition()


def knows(transforms, target, source):
    try:
        transforms.lookup(target, source)
    except ConfigError:
        return False
    return True


def test_chains_are_followed_both_ways_and_heard_by_others_however_late(context):
    speaker, listener = Node("speaker", context=context), Node("listener", context=context)
    told = StaticTransforms(speaker)
    told.publish(
        {
            (topics.BASE_FRAME, topics.CAMERA_FRAME): LINK,
            (topics.CAMERA_FRAME, topics.OPTICAL_FRAME): OPTICAL,
        }
    )
    heard = StaticTransforms(listener)
    frames = (topics.BASE_FRAME, topics.OPTICAL_FRAME)
    assert wait([speaker, listener], context, lambda: knows(heard, *frames))
    expected = compose(LINK, OPTICAL)
    for transforms in (told, heard):
        assert np.allclose(transforms.lookup(*frames)[:3], expected[:3])
        back = transforms.lookup(topics.OPTICAL_FRAME, topics.BASE_FRAME)
        assert np.allclose(back[:3], invert(expected)[:3])
    assert np.allclose(heard.lookup("base", "base")[:3], 0.0)


def test_an_unknown_frame_is_named_with_those_that_are_known(context):
    transforms = StaticTransforms(Node("alone", context=context))
    transforms.publish({(topics.BASE_FRAME, topics.CAMERA_FRAME): LINK})
    with pytest.raises(ConfigError, match=r"'moon'.*camera_link"):
        transforms.lookup(topics.BASE_FRAME, "moon")


def test_broken_transforms_of_others_are_ignored(context):
    node = Node("node", context=context)
    transforms = StaticTransforms(node)
    good = TransformStamped(child_frame_id="good")
    good.header.frame_id = "base"
    bad = TransformStamped(child_frame_id="bad")
    bad.header.frame_id = "base"
    bad.transform.rotation.w = 0.0
    transforms._on_transforms(TFMessage(transforms=[bad, good]))
    assert knows(transforms, "base", "good")
    assert not knows(transforms, "base", "bad")
