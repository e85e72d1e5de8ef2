"""The devices of one cell, spoken to over their own protocols."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from bridge_ros.errors import ConfigError, HardwareError
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.wsg_gripper import WsgGripper
from bridge_ros.sim.live.server import FCI_PORT, SimFigures, SimServer, SimSettings
from bridge_ros.sim.live.state_link import StateLinkClient

# libfranka's port is fixed, so every test session takes a loopback address of its own.
HOST = f"127.1.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
SETTINGS = SimSettings(host=HOST, gripper_port=0, camera_port=0)


@pytest.fixture(scope="module")
def cell():
    with SimServer(SETTINGS) as cell:
        yield cell


def wait_for(condition, timeout_s=15.0):
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def connect(tries=4):
    """A franky robot; its constructor has been seen to hang, so every try gets its own thread."""
    franky = pytest.importorskip("franky")
    found = []

    def attempt():
        with contextlib.suppress(franky.NetworkException):
            found.append(franky.Robot(HOST, realtime_config=franky.RealtimeConfig.Ignore))

    for _ in range(tries):
        thread = threading.Thread(target=attempt, daemon=True)
        thread.start()
        thread.join(5.0)
        if found:
            return found[0]
    raise AssertionError(f"franky could not connect to {HOST} in {tries} tries")


def test_the_state_flows_and_the_objects_are_where_the_scene_put_them(cell):
    first = cell.state().stamp_s
    wait_for(lambda: cell.state().stamp_s > first)
    poses = cell.world.object_poses_at(cell.state().qpos)
    for thing in cell.world.scene.objects:
        np.testing.assert_allclose(poses[thing.name][:3], thing.pose[:3], atol=2e-3)


def test_the_arm_holds_where_it_is_told_to(cell):
    """franky's impedance tracker against the gripper's weight: 3 mm and 1 degree are allowed."""
    franky = pytest.importorskip("franky")
    robot = connect()
    start = robot.state.O_T_EE
    np.testing.assert_allclose(start.translation, [0.35, 0.0, 0.45], atol=3e-3)
    with franky.CartesianImpedanceTracker(
        robot, translational_stiffness=2500.0, rotational_stiffness=100.0
    ) as tracker:
        tracker.set_target(franky.Affine(start.translation, start.quaternion))
        time.sleep(2.0)
        held = robot.state.O_T_EE
    assert np.linalg.norm(held.translation - start.translation) < 3e-3
    turn = Rotation.from_quat(held.quaternion) * Rotation.from_quat(start.quaternion).inv()
    assert np.degrees(turn.magnitude()) < 1.0
    tool = Rotation.from_quat(held.quaternion).as_matrix()
    assert tool[2, 2] < -0.999, "z of the tool points down"


def test_the_gripper_s_own_driver_moves_the_fingers(cell):
    gripper_port, _ = cell.ports
    gripper = WsgGripper(GripperSettings(host=HOST, port=gripper_port, max_speed_m_s=0.4))

    def width():
        try:
            return gripper.state().width_m
        except HardwareError:
            return float("nan")

    gripper.start()
    wait_for(lambda: width() > 0.105)
    gripper.set_width(0.040)
    wait_for(lambda: abs(width() - 0.040) < 1e-3)
    joints = [cell.world.model.joint(f"robot0_finger_joint{i}").qposadr[0] for i in (1, 2)]
    wait_for(lambda: abs(cell.state().qpos[joints].sum() - 0.040) < 1e-3)
    gripper.close()


def test_the_camera_s_link_tells_the_scene_and_the_state(cell):
    link = StateLinkClient(HOST, cell.ports[1], timeout_s=5.0)
    assert (link.hello.scene, link.hello.seed) == ("tabletop", 0)
    state = link.newest(after_s=0.0, timeout_s=5.0)
    assert state.qpos.shape == (cell.world.model.nq,)
    assert abs(state.stamp_s - time.time()) < 5.0
    link.close()


FROZEN_CLIENT = """
import sys, time, franky
robot = franky.Robot(sys.argv[1], realtime_config=franky.RealtimeConfig.Ignore)
tracker = franky.CartesianImpedanceTracker(robot, translational_stiffness=1000.0)
start = robot.state.O_T_EE
tracker.set_target(franky.Affine(start.translation + [0.0, 0.0, 0.05], start.quaternion))
time.sleep(0.3)
print("moving", flush=True)
time.sleep(60)
"""


def test_a_client_that_freezes_during_a_motion_leaves_the_arm_holding(cell):
    """As on the real robot, whose motion ends when answers fail to come."""
    pytest.importorskip("franky")
    command = [sys.executable, "-c", FROZEN_CLIENT, HOST]
    client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert client.stdout.readline() == "moving\n"
        client.send_signal(signal.SIGSTOP)
        # As long as its motion runs, time stands still for want of answers.
        ended_s = cell.state().time_s + 0.5
        wait_for(lambda: cell.state().time_s > ended_s)
        before = cell.state().qpos[:7].copy()
        time.sleep(1.0)
        np.testing.assert_allclose(cell.state().qpos[:7], before, atol=1e-3)
    finally:
        client.kill()
        client.communicate()
    wait_for(lambda: connect().state.q is not None)


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\nHost: robot\r\n\r\n",
        struct.pack("<III", 0xFFFFFFFF, 1, 12),
        struct.pack("<III", 0, 1, 13) + b"\0",
        struct.pack("<III", 0, 1, 5),
    ],
)
def test_a_client_that_speaks_something_else_does_not_end_the_cell(cell, noise):
    with socket.create_connection((HOST, FCI_PORT), timeout=5.0) as stranger:
        stranger.sendall(noise)
        time.sleep(0.2)
    stamp_s = cell.state().stamp_s
    wait_for(lambda: cell.state().stamp_s > stamp_s + 0.1)
    assert cell.figures.fault == ""
    assert connect().state.q is not None


def test_a_second_cell_on_the_same_address_is_refused_with_the_setting_to_change(cell):
    second = SimServer(SETTINGS)
    with pytest.raises(HardwareError, match=f"{HOST}:{FCI_PORT}.*`host`"):
        second.start()
    second.close()
    assert cell.figures.fault == ""


def test_closing_leaves_neither_threads_nor_sockets():
    other = f"127.2.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"
    settings = SimSettings(host=other, gripper_port=0, camera_port=0)
    before = threading.active_count()
    for _ in range(2):
        cell = SimServer(settings)
        cell.start()
        client = socket.create_connection((other, FCI_PORT), timeout=5.0)
        cell.close()
        cell.close()
        client.close()
        with pytest.raises(OSError):
            socket.create_connection((other, FCI_PORT), timeout=0.5)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"gripper_port": 10001}, "gripper_port"),
        ({"camera_port": 70000}, "camera_port"),
        ({"initial_joints": (0.0, 1.0)}, "initial_joints"),
        ({"objects_rate_hz": 0.0}, "objects_rate_hz"),
    ],
)
def test_unusable_settings_are_refused_by_name(wrong, name):
    with pytest.raises(ConfigError, match=name):
        SimSettings(**wrong)


def test_an_unknown_scene_is_refused():
    with pytest.raises(ConfigError, match="tabletop"):
        SimServer(SimSettings(scene="kitchen"))


@pytest.mark.parametrize(
    ("real_time_factor", "fault", "level", "message"),
    [
        (1.0, "", "ok", "in real time"),
        (0.5, "", "warn", "slower than real time"),
        (1.0, "ValueError: nonsense", "error", "ValueError: nonsense"),
    ],
)
def test_diagnostics_tell_whether_physics_keeps_up(real_time_factor, fault, level, message):
    figures = SimFigures(real_time_factor=real_time_factor, longest_gap_s=0.002, fault=fault)
    shown = figures.diagnostics()
    assert shown["level"] == level and message in shown["message"]
    assert shown["longest_gap_ms"] == pytest.approx(2.0)
