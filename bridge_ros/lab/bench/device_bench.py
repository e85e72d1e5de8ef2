"""Measures the drivers of camera and gripper on devices that speak the real ones' language.

The camera is librealsense's software device, the gripper an emulated WSG behind TCP. What USB, a
camera's exposure or a real gripper's script add is not in the figures.
"""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np

from bridge_ros.camera.capture import Capture
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.errors import CameraError, HardwareError
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.wsg_gripper import WsgGripper
from bridge_ros.lab.bench.durations import summary
from bridge_ros.settings.config_file import node_settings
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.sim.live.rate_limited_jaws import RateLimitedJaws
from bridge_ros.sim.live.wsg_server import WsgServer, WsgServerSettings

_SECONDS = 10.0
_PATIENCE_S = 5.0


def bench_devices() -> dict[str, Any]:
    """Rates, drops, stamps and delays of both drivers, one after the other."""
    camera: dict[str, Any] = {"not measured": "needs pyrealsense2, the extra `realsense`"}
    if find_spec("pyrealsense2") is not None:
        camera = bench_camera()
    return {"camera": camera, "gripper": bench_gripper()}


def bench_camera(seconds: float = _SECONDS) -> dict[str, Any]:
    """RGB-D frames of 640 x 480 at 30 Hz, depth filtered as `config/camera.yaml` says, and aligned.

    `late` is from when the device begins to hand a frame over to when the camera node has it.
    """
    from bridge_ros.camera.realsense import RealSenseSettings, RealSenseSource
    from bridge_ros.sim.live.software_camera import RATE_HZ, SoftwareCamera

    class TimedCamera(SoftwareCamera):
        def send(self, number: int) -> None:
            sent_s[number] = time.monotonic()
            super().send(number)

    sent_s: dict[int, float] = {}
    heard: list[tuple[float, float, int]] = []
    camera = TimedCamera()
    settings = node_settings(RealSenseSettings, "camera", "realsense", changes={"serial": None})

    def keep(frame: RGBDFrame) -> None:
        heard.append((time.monotonic(), 1e3 * frame.stamp_s, int(frame.rgb[0, 0, 0])))

    capture = Capture(lambda: RealSenseSource(settings, find_device=lambda _: camera.device), keep)
    with camera.streaming():
        capture.start()
        time.sleep(seconds)
        report = capture.report()
        capture.close()
    if len(heard) < 2:
        raise CameraError(f"bench: no frames from librealsense's software device: {report.trouble}")
    arrived_s, stamps_ms, shades = (np.array(column) for column in zip(*heard, strict=True))
    numbers = np.array([camera.number_of(stamp_ms) for stamp_ms in stamps_ms])
    errors_ms = [abs(at - camera.time_ms(n)) for at, n in zip(stamps_ms, numbers, strict=True)]
    late_ms = [1e3 * (at - sent_s[n]) for at, n in zip(arrived_s, numbers, strict=True)]
    return {
        "sent_hz": RATE_HZ,
        "heard_hz": round((len(heard) - 1) / float(arrived_s[-1] - arrived_s[0]), 2),
        "frames": report.frames,
        "dropped": int(numbers[-1] - numbers[0] + 1 - len(numbers)),
        "dropped_as_the_node_tells": report.dropped,
        "of_another_stamp": int(np.count_nonzero(numbers % 256 != shades)),
        "largest_stamp_error_ms": round(float(max(errors_ms)), 3),
        "late": summary(late_ms),
    }


def bench_gripper(seconds: float = _SECONDS) -> dict[str, Any]:
    """Widths to and fro at 20 Hz, sent on by the driver at the rate of `config/controller.yaml`.

    `commands` are counted by the emulator; `gap` is between two of them.
    """
    settings = node_settings(GripperSettings, "controller", "gripper")
    jaws = _CountingJaws()
    with WsgServer(jaws, WsgServerSettings(port=0)) as server:
        gripper = WsgGripper(replace(settings, host="127.0.0.1", port=server.port))
        gripper.start()
        _wait_for(gripper)
        began_s, errors_mm = time.monotonic(), []
        jaws.at_s.clear()
        while (passed_s := time.monotonic() - began_s) < seconds:
            width_m = 0.055 + 0.03 * np.sin(passed_s)
            gripper.set_width(width_m)
            time.sleep(CONTROL_PERIOD_S)
            errors_mm.append(1e3 * abs(jaws.width_m - width_m))
        commands_s = np.array(jaws.at_s)
        gripper.close()
    return {
        "asked_hz": settings.rate_hz,
        "commands_hz": round((len(commands_s) - 1) / float(commands_s[-1] - commands_s[0]), 2),
        "gap": summary((1e3 * np.diff(commands_s)).tolist()),
        "behind_mm_p50": round(float(np.median(errors_mm)), 2),
    }


class _CountingJaws(RateLimitedJaws):
    """Keeps when commands came."""

    def __init__(self) -> None:
        super().__init__(time.monotonic)
        self.at_s: list[float] = []

    def set_goal(self, width_m: float, speed_m_s: float, force_n: float) -> None:
        self.at_s.append(time.monotonic())
        super().set_goal(width_m, speed_m_s, force_n)


def _wait_for(gripper: WsgGripper) -> None:
    """Until it is referenced, and measures. Raises HardwareError."""
    end_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            gripper.state()
            return
        except HardwareError:
            if time.monotonic() > end_s:
                raise
        time.sleep(0.05)
