"""What is measured is true; how fast it was is this machine's matter."""

from bridge_ros.evaluation.device_bench import bench_camera, bench_gripper


def test_frames_keep_their_stamps_and_drops_are_counted():
    figures = bench_camera(1.5)
    assert figures["frames"] > 3
    assert figures["of_another_stamp"] == 0
    assert figures["largest_stamp_error_ms"] < 0.01
    assert figures["dropped"] >= 0
    assert 0.0 < figures["late"]["p50_ms"] < 1e4


def test_commands_reach_the_gripper_at_the_driver_s_own_rate():
    figures = bench_gripper(1.0)
    assert 1.0 < figures["commands_hz"] <= 1.1 * figures["asked_hz"]
    assert figures["behind_mm_p50"] < 30.0
