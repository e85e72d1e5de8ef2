import pytest

from bridge_ros.camera.device_clock import DeviceClock


def test_epoch_time_is_kept():
    assert DeviceClock().to_epoch_s(1.7e12, is_epoch=True, arrival_s=0.0) == 1.7e9


def test_late_frames_do_not_look_late():
    clock = DeviceClock()
    assert clock.to_epoch_s(1000.0, is_epoch=False, arrival_s=101.010) == pytest.approx(101.010)
    assert clock.to_epoch_s(1033.0, is_epoch=False, arrival_s=101.033) == pytest.approx(101.033)
    assert clock.to_epoch_s(1066.0, is_epoch=False, arrival_s=101.566) == pytest.approx(
        101.066, abs=1e-3
    )


def test_drift_is_followed():
    clock = DeviceClock()
    for frame in range(10_000):
        seen = clock.to_epoch_s(33.0 * frame, is_epoch=False, arrival_s=50.0 + 0.0330033 * frame)
    assert seen == pytest.approx(50.0 + 0.0330033 * 9_999, abs=0.01)
