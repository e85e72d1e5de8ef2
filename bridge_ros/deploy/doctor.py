"""What a machine has, lacks and reaches, and what to do about it."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bridge_ros.settings.resources import resource_path, share_dir
from bridge_ros.status import Source

Level = Literal["ok", "optional", "missing"]

_FCI_PORT = 1337
_NEEDED = ("numpy", "scipy", "torch", "safetensors", "open3d", "franky", "ruckig")
_ROS = ("rclpy", "bridge_interfaces", "sensor_msgs", "visualization_msgs", "tf2_msgs")
_OPTIONAL = {
    "mujoco": "for the simulated cell: pip install 'bridge_ros[sim]'",
    "franky_sim": "for the simulated cell: pip install 'bridge_ros[sim]'",
    "pyrealsense2": "for a RealSense camera: pip install 'bridge_ros[realsense]'",
    "transformers": "for VLM planners: pip install 'bridge_ros[vlm]'",
    "cv2": "to calibrate the camera: pip install 'bridge_ros[calibration]'",
    "mcap": "to record and replay episodes: pip install 'bridge_ros[record]'",
    "pyspacemouse": "to drive the arm with a SpaceMouse: pip install 'bridge_ros[teleop]'",
    "trl": "to fine-tune a VLM planner: pip install 'bridge_ros[train]'",
}
_DISTRIBUTIONS = {
    "cv2": "opencv-python-headless",
    "franky": "franky-control",
    "franky_sim": "franky-sim",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    found: str
    advice: str = ""

    def row(self) -> tuple[str, str, str]:
        return self.what, self.found, self.advice


def examine(*, robot_host: str | None = None) -> list[Finding]:
    """Look at Python, packages, ROS, rendering, data, devices, and a running deployment."""
    os.environ.setdefault("MUJOCO_GL", "egl")  # Read once, when MuJoCo is imported.
    findings = [_python()]
    findings += [_package(name, "missing", f"pip install {name}") for name in _NEEDED]
    source = "source your ROS 2 workspace, or run `make setup`"
    findings += [_package(name, "missing", source) for name in _ROS]
    findings += [_package(name, "optional", advice) for name, advice in _OPTIONAL.items()]
    findings += [
        _check("settings", "missing", _settings),
        _check("action expert", "missing", _load_expert),
        _check("rendering", "optional", _render),
        _check("RealSense cameras", "optional", _realsense),
        _kernel(),
        _priority(),
        _memory(),
    ]
    if robot_host is not None:
        findings.append(_robot(robot_host))
    findings.append(_deployment())
    return findings


def _python() -> Finding:
    version = platform.python_version()
    return Finding(level="ok", what="Python", found=f"{version} in {sys.prefix}")


def _package(name: str, otherwise: Level, advice: str) -> Finding:
    try:
        module = importlib.import_module(name)
    except (ImportError, OSError) as error:
        return Finding(level=otherwise, what=name, found=str(error).split("\n")[0], advice=advice)
    try:
        version = importlib.metadata.version(_DISTRIBUTIONS.get(name, name))
    except importlib.metadata.PackageNotFoundError:
        version = str(getattr(module, "__version__", "")) or os.path.dirname(str(module.__file__))
    return Finding(level="ok", what=name, found=version)


def _check(what: str, otherwise: Level, check: Callable[[], tuple[str, str]]) -> Finding:
    """Run a check that returns what it found and advice, or raises with what is wrong."""
    try:
        found, advice = check()
    except Exception as error:  # Whatever it is, it is a finding; a library may raise anything.
        return Finding(level=otherwise, what=what, found=str(error).split("\n")[0])
    return Finding(level="optional" if advice else "ok", what=what, found=found, advice=advice)


def _settings() -> tuple[str, str]:
    from bridge_ros.deploy.agreement import check_files_agree

    check_files_agree()
    return f"the nodes' files in {share_dir() / 'config'} agree", ""


def _load_expert() -> tuple[str, str]:
    from bridge_ros.expert.action_expert import ActionExpert

    path = resource_path("models/action_expert")
    ActionExpert.from_pretrained(path, device="cpu")
    return f"loads from {path}", ""


def _render() -> tuple[str, str]:
    import mujoco

    model = mujoco.MjModel.from_xml_string("<mujoco><worldbody/></mujoco>")
    renderer = mujoco.Renderer(model, 32, 32)
    renderer.close()
    return f"MuJoCo renders through {os.environ['MUJOCO_GL']}", ""


def _realsense() -> tuple[str, str]:
    import pyrealsense2 as rs

    serials = [
        f"{device.get_info(rs.camera_info.name)} {device.get_info(rs.camera_info.serial_number)}"
        for device in rs.context().query_devices()
    ]
    if serials:
        return ", ".join(serials), ""
    return "none", "plug a D435 into a USB 3 port; not needed in simulation"


def _kernel() -> Finding:
    realtime = os.path.exists("/sys/kernel/realtime")
    advice = "" if realtime else "the real arm wants PREEMPT_RT; not needed in simulation"
    found = "PREEMPT_RT" if realtime else platform.release()
    return Finding(
        level="ok" if realtime else "optional", what="kernel", found=found, advice=advice
    )


def _priority() -> Finding:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    except PermissionError:
        advice = "allow it (limits.conf: `@realtime - rtprio 99`), as Franka asks for anyway"
        return Finding(
            level="optional", what="priorities", found="ordinary ones only", advice=advice
        )
    return Finding(level="ok", what="priorities", found="nodes may take real-time ones")


def _memory() -> Finding:
    free_mb = shutil.disk_usage("/dev/shm").free // 2**20
    if free_mb < 256:
        advice = "images between nodes need 256 MB; in a container: --shm-size=1g"
        return Finding(
            level="missing", what="shared memory", found=f"{free_mb} MB free", advice=advice
        )
    return Finding(level="ok", what="shared memory", found=f"{free_mb} MB free")


def _robot(host: str) -> Finding:
    try:
        with socket.create_connection((host, _FCI_PORT), timeout=2.0):
            return Finding(level="ok", what=f"FR3 at {host}", found="its control interface answers")
    except OSError as error:
        advice = "check the cable and the address; activate FCI in Desk; unlock the joints"
        return Finding(level="missing", what=f"FR3 at {host}", found=str(error), advice=advice)


def _deployment() -> Finding:
    what = "running deployment"
    try:
        import time

        from bridge_ros.graph.operator import Operator
    except ImportError as error:
        return Finding(level="missing", what=what, found=str(error).split("\n")[0])
    with Operator() as operator:
        time.sleep(2.0)
        reasons = operator.not_ready()
        heard = [
            operator.latest_status(name)
            for name in (Source.PLANNER, Source.EXPERT, Source.CONTROLLER)
        ]
    if not any(heard):
        return Finding(
            level="optional", what=what, found="none", advice="bridge-ros up --sim starts one"
        )
    if reasons:
        return Finding(level="optional", what=what, found="; ".join(reasons))
    return Finding(level="ok", what=what, found=f"ready; data from {share_dir()}")
