import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import rclpy
from PIL import Image as Picture
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from recorded_pick import IMAGES, START_S, TARGETS, write_pick
from sensor_msgs.msg import CameraInfo, Image

from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
from bridge_ros.lab.recording.recorded_motion import read_motion
from bridge_ros.ros import topics
from bridge_ros.ros.conversions import stamp_to_s


def replay(*arguments):
    command = [sys.executable, "-m", "bridge_ros.cli", "replay", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"}
    )


def test_the_motion_of_an_episode_is_what_was_said(tmp_path):
    motion = read_motion(RecordedEpisode(write_pick(tmp_path / "a.mcap")))
    assert len(motion.commanded.times_s) == TARGETS
    assert motion.commanded.times_s[0] == pytest.approx(START_S)
    assert motion.commanded.poses[-1, 0] == pytest.approx(0.6)
    assert motion.measured.widths_m == pytest.approx(np.full(66, 0.04))
    assert motion.joints.shape == (66, 7)
    assert motion.marks == [(pytest.approx(START_S), "grasp")]
    assert motion.sentences[0][1] == "pick up the red cube"


def test_a_cut_episode_is_plotted_and_said_to_be_cut(tmp_path):
    run = replay(write_pick(tmp_path / "episode-0001.mcap", finish=False))
    assert run.returncode == 0, run.stderr
    assert "its recorder was killed" in run.stdout
    with Picture.open(tmp_path / "episode-0001.png") as picture:
        assert len(np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0)) > 50


def test_targets_are_not_played_unless_that_is_meant(tmp_path):
    run = replay(write_pick(tmp_path / "a.mcap"), "--topics", "targets")
    assert run.returncode == 1
    assert "--move-the-arm" in run.stderr


def test_the_camera_is_played_with_the_stamps_of_now_that_belong_together(tmp_path):
    context = rclpy.Context()
    context.init()
    node = Node("listener", context=context)
    images, infos = [], []
    node.create_subscription(Image, topics.COLOR_IMAGE, images.append, topics.EVERY_MESSAGE)
    node.create_subscription(CameraInfo, topics.COLOR_INFO, infos.append, topics.EVERY_MESSAGE)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    done = threading.Event()

    def spin():
        while not done.is_set():
            executor.spin_once(timeout_sec=0.05)

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        before_s = node.get_clock().now().nanoseconds * 1e-9
        run = replay(write_pick(tmp_path / "a.mcap"), "--topics")
        after_s = node.get_clock().now().nanoseconds * 1e-9
    finally:
        done.set()
        thread.join()
        node.destroy_node()
        context.try_shutdown()
    assert run.returncode == 0, run.stderr
    assert topics.TARGET_POSE not in run.stdout and topics.PLAN not in run.stdout
    assert [image.data[0] for image in images] == [10 * number for number in range(IMAGES)]
    times_s = np.array([stamp_to_s(image.header.stamp) for image in images])
    assert times_s == pytest.approx([stamp_to_s(info.header.stamp) for info in infos], abs=1e-6)
    assert np.diff(times_s) == pytest.approx(np.full(IMAGES - 1, 0.1), abs=1e-6)
    assert before_s < times_s[0] and times_s[-1] < after_s
