"""Depth images become clouds where it is known what camera they are of."""

import time

import numpy as np
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.camera.extrinsics import load_extrinsics
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.perception import CloudSettings
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import depth_to_msg, intrinsics_to_msg, stamp_to_s
from bridge_ros.ros.depth_intake import DepthIntake
from bridge_ros.ros.static_transforms import StaticTransforms

WHOLE = Intrinsics(width=64, height=48, fx=61.5, fy=61.5, cx=31.5, cy=23.5)
HALF = Intrinsics(width=32, height=24, fx=30.75, fy=30.75, cx=15.75, cy=11.75)


class Camera:
    """A depth camera and a listener to it in one node."""

    def __init__(self):
        self._context = rclpy.Context()
        self._context.init()
        self._node = Node("camera_and_listener", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._info_pub = self._node.create_publisher(CameraInfo, topics.DEPTH_INFO, topics.COMMAND)
        self._depth_pub = self._node.create_publisher(Image, topics.DEPTH_IMAGE, topics.COMMAND)
        transforms = StaticTransforms(self._node)
        place = load_extrinsics("config/extrinsics/sim.yaml")
        transforms.publish(
            {
                (topics.BASE_FRAME, topics.CAMERA_FRAME): place.base_from_link,
                (topics.CAMERA_FRAME, topics.OPTICAL_FRAME): place.link_from_optical,
            }
        )
        self.clouds = {}
        self.images = []
        self._node.create_subscription(Image, topics.DEPTH_IMAGE, self.images.append, topics.SENSOR)
        DepthIntake(self._node, CloudSettings(), transforms, self.clouds.__setitem__)
        assert self.spin(lambda: self._depth_pub.get_subscription_count() == 2)

    def tell(self, intrinsics):
        self._info_pub.publish(intrinsics_to_msg(intrinsics, self._now()))
        self.spin(lambda: False, for_s=0.3)

    def show(self, intrinsics):
        """Publish an image; the cloud it gives, or None."""
        shape = intrinsics.height, intrinsics.width
        frame = RGBDFrame(
            rgb=np.zeros((*shape, 3), np.uint8),
            depth_m=np.full(shape, 0.95, np.float32),
            intrinsics=intrinsics,
            stamp_s=0.0,
        )
        stamp, count = self._now(), len(self.images)
        self._depth_pub.publish(depth_to_msg(frame, stamp))
        assert self.spin(lambda: len(self.images) > count)
        self.spin(lambda: stamp_to_s(stamp) in self.clouds, for_s=0.3)
        source = self.clouds.get(stamp_to_s(stamp))
        return None if source is None else source()

    def spin(self, condition, for_s=10.0):
        end = time.monotonic() + for_s
        while not condition() and time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)
        return condition()

    def close(self):
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.try_shutdown()

    def _now(self):
        return self._node.get_clock().now().to_msg()


@pytest.fixture
def camera():
    camera = Camera()
    yield camera
    camera.close()


def test_before_camera_info_there_is_no_cloud(camera):
    assert camera.show(WHOLE) is None
    camera.tell(WHOLE)
    assert len(camera.show(WHOLE)) > 0


def test_images_of_another_size_than_camera_info_tells_are_passed_over(camera):
    camera.tell(WHOLE)
    assert camera.show(HALF) is None, "its camera_info is on its way yet"
    assert len(camera.show(WHOLE)) > 0
    camera.tell(HALF)
    assert camera.show(WHOLE) is None
    assert len(camera.show(HALF)) > 0
