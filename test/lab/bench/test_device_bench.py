"""What is measured is true; how fast it was is this machine's matter."""

import pytest

from bridge_ros.lab.bench.device_bench import bench_camera, bench_gripper


def test_frames_keep_their_stamps_and_drops_are_counted():
    pytest.importorskip("pyrealsense2")
    figures = bench_camera(1.5)
    assert figures["frames"] > 3
    assert figures["of_another_stamp"] == 0
    assert figures["largest_stamp_error_ms"] < 0.01
    assert figures["dropped"] >= 0
    assert 0.0 < figures["late"]["p50_ms"] < 1e4


def test_commands_reach_the_gripper():
    figures = bench_gripper(1.0)
    assert figures["commands_hz"] > 0.0
    assert figures["behind_mm_p50"] >= 0.0
