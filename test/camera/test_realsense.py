import time

import numpy as np
import pyrealsense2 as rs
import pytest

from bridge_ros.camera.depth_filters import DepthFilterSettings
from bridge_ros.camera.realsense import RealSenseSettings, RealSenseSource, find_usb_device
from bridge_ros.errors import CameraError, ConfigError
from bridge_ros.sim.live.software_camera import COLOR_FX, SERIAL, SoftwareCamera


@pytest.fixture
def camera():
    return SoftwareCamera()


def source_of(camera, **settings):
    filters = settings.pop("filters", DepthFilterSettings(temporal=False))
    source = RealSenseSource(
        RealSenseSettings(filters=filters, **settings), find_device=lambda _: camera.device
    )
    source.start()
    return source


def test_frames_come_aligned_in_metres_with_their_own_time(camera):
    source = source_of(camera)
    with camera.streaming():
        for _ in range(5):
            frame = source.read(timeout_s=2.0)
            number = int(frame.rgb[240, 320, 0])
            assert tuple(frame.rgb[240, 320]) == (number, 100, 50)
            assert frame.depth_m[240, 320] == pytest.approx(0.8 + 0.001 * number, abs=1e-5)
            assert frame.stamp_s == pytest.approx(camera.time_ms(number) / 1000, abs=1e-3)
            assert (frame.intrinsics.fx, frame.intrinsics.cx) == (COLOR_FX, 319.5)
    source.stop()


def test_depth_out_of_range_is_unknown(camera):
    source = source_of(camera, filters=DepthFilterSettings(temporal=False, max_depth_m=0.7))
    with camera.streaming():
        assert not source.read(timeout_s=2.0).depth_m.any()
    source.stop()


def test_spatial_and_temporal_filters_keep_an_even_surface(camera):
    source = source_of(camera, filters=DepthFilterSettings(spatial=True, temporal=True))
    with camera.streaming():
        depth_m = source.read(timeout_s=2.0).depth_m
    assert np.ptp(depth_m[100:380, 100:540]) < 1e-3
    assert depth_m[240, 320] == pytest.approx(0.8, abs=0.02)
    source.stop()


def test_hardware_time_becomes_epoch_time():
    camera = SoftwareCamera(rs.timestamp_domain.hardware_clock, start_ms=0.0)
    source = source_of(camera)
    before_s = time.time()
    with camera.streaming():
        stamps_s = [source.read(timeout_s=2.0).stamp_s for _ in range(3)]
    assert before_s <= stamps_s[0] < stamps_s[1] < stamps_s[2] <= time.time()
    source.stop()


def test_silence_is_a_camera_error(camera):
    source = source_of(camera)
    with pytest.raises(CameraError, match=r"no frame for 0\.2 s"):
        source.read(timeout_s=0.2)
    source.stop()
    source.stop()
    with pytest.raises(CameraError, match="not started"):
        source.read(timeout_s=0.1)


def test_it_can_be_started_again(camera):
    source = source_of(camera)
    source.start()
    with camera.streaming():
        assert source.read(timeout_s=2.0).rgb[0, 0, 1] == 100
    source.stop()


def test_streams_that_the_camera_lacks_are_named(camera):
    with pytest.raises(CameraError, match="1280x720 at 30 Hz"):
        source_of(camera, width=1280, height=720)


def test_no_camera_on_usb_is_said_in_words():
    with pytest.raises(CameraError, match=f"serial number {SERIAL}"):
        find_usb_device(SERIAL)


def test_settings_refuse_nonsense():
    with pytest.raises(ConfigError, match="rate_hz"):
        RealSenseSettings(rate_hz=0)
    with pytest.raises(ConfigError, match="max_depth_m: expected more than min_depth_m, 2.0"):
        DepthFilterSettings(min_depth_m=2.0, max_depth_m=1.0)
