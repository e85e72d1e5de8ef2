"""Calibration files, and look-ups along /tf_static."""

import time

import numpy as np
import pytest
import rclpy
import yaml
from geometry_msgs.msg import TransformStamped
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from tf2_msgs.msg import TFMessage

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import compose, invert
from bridge_ros.ros import topics
from bridge_ros.ros.static_transforms import StaticTransforms, load_extrinsics
from bridge_ros.settings.resources import share_dir
from bridge_ros.sim.workcell import CAMERA_OPTICAL_POSE

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


def test_the_shipped_calibration_is_that_of_the_simulated_camera():
    extrinsics = load_extrinsics("config/extrinsics/sim.yaml")
    assert np.allclose(extrinsics.base_from_optical, CAMERA_OPTICAL_POSE, atol=1e-9)
    chained = compose(extrinsics.base_from_link, extrinsics.link_from_optical)
    assert np.allclose(chained[:3], extrinsics.base_from_optical[:3], atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"base_from_optical": None},
        {"base_from_optical": {"position_m": [0, 0], "quaternion_xyzw": [0, 0, 0, 1]}},
        {"base_from_optical": {"position_m": [0, 0, 0], "quaternion_xyzw": [0, 0, 0, 0]}},
        {"link_from_optical": {"position_m": [0, 0, "x"], "quaternion_xyzw": [0, 0, 0, 1]}},
    ],
)
def test_a_calibration_file_that_is_none_is_refused_by_the_entry_s_name(tmp_path, change):
    document = yaml.safe_load((share_dir() / "config/extrinsics/sim.yaml").read_text())
    path = tmp_path / "camera.yaml"
    path.write_text(yaml.safe_dump(document | change))
    with pytest.raises(ConfigError, match=next(iter(change))):
        load_extrinsics(path)


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    path = tmp_path / "camera.yaml"
    path.write_text("{ [")
    with pytest.raises(ConfigError, match="expected a YAML file"):
        load_extrinsics(path)


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
