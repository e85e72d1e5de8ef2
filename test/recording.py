"""Makes a RealSense recording on the spot."""

import time

import pyrealsense2 as rs

from bridge_ros.sim.live.software_camera import SoftwareCamera


def record(path, frames):
    """Write a `.db3` file of framesets 1 to `frames` at 30 Hz."""
    camera = SoftwareCamera()
    recorder = rs.recorder(str(path), camera.device)
    sensors, syncer = recorder.query_sensors(), rs.syncer(2)
    for sensor in sensors:
        sensor.open(sensor.get_stream_profiles())
        sensor.start(syncer)
    for number in range(1, frames + 1):
        camera.send(number)
        time.sleep(1 / 30)
    for sensor in sensors:
        sensor.stop()
        sensor.close()
