"""The sim node on real rclpy: what it publishes, how it refuses, how it ends."""

import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

rclpy = pytest.importorskip("rclpy")

from diagnostic_msgs.msg import DiagnosticArray  # noqa: E402
from visualization_msgs.msg import MarkerArray  # noqa: E402

from bridge_ros.ros import topics  # noqa: E402
from bridge_ros.settings.resources import resource_path  # noqa: E402
from bridge_ros.sim.registry import make_scene  # noqa: E402
from bridge_ros.sim.world import HOME_JOINTS  # noqa: E402

HOST = f"127.3.{os.getpid() // 250 % 250}.{1 + os.getpid() % 250}"


def start(*parameters):
    command = [sys.executable, "-m", "bridge_ros.nodes.sim_node", "--ros-args"]
    file = str(resource_path("config/sim.yaml"))
    command += ["--params-file", file, "-p", f"host:={HOST}"]
    command += [part for parameter in parameters for part in ("-p", parameter)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def node():
    rclpy.init()
    node = rclpy.create_node("listener")
    yield node
    node.destroy_node()
    rclpy.shutdown()


def test_it_publishes_the_truth_about_the_objects_and_ends_cleanly(node):
    heard = {}
    node.create_subscription(
        MarkerArray, topics.SIM_OBJECTS, lambda m: heard.update(objects=m), topics.RELIABLE
    )
    node.create_subscription(
        DiagnosticArray, topics.DIAGNOSTICS, lambda m: heard.update(figures=m), topics.RELIABLE
    )
    process = start("seed:=2")
    try:
        deadline_s = time.monotonic() + 60.0
        while len(heard) < 2 and time.monotonic() < deadline_s:
            rclpy.spin_once(node, timeout_sec=0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30.0)
    assert process.returncode == 0, output
    expected = {thing.name: thing for thing in make_scene("tabletop", 2).objects}
    markers = heard["objects"].markers
    assert {marker.ns for marker in markers} == set(expected)
    for marker in markers:
        thing, at = expected[marker.ns], marker.pose.position
        assert marker.header.frame_id == "base"
        assert [at.x, at.y, at.z] == pytest.approx(thing.pose[:3], abs=2e-3)
        assert [marker.scale.x, marker.scale.y, marker.scale.z] == pytest.approx(thing.size_m)
    values = {value.key: value.value for value in heard["figures"].status[0].values}
    assert float(values["real_time_factor"]) > 0.0
    assert values["seed"] == "2"


@pytest.mark.parametrize(
    ("parameter", "word"), [("scene:=kitchen", "tabletop"), ("camera_port:=10000", "gripper_port")]
)
def test_it_refuses_unusable_parameters_and_says_why(parameter, word):
    process = start(parameter)
    output, _ = process.communicate(timeout=60.0)
    assert process.returncode == 1
    assert word in output


def test_its_arm_starts_where_the_controller_calls_home():
    homes = []
    for name, key in (("sim", "initial_joints"), ("controller", "home_joints")):
        document = yaml.safe_load(resource_path(f"config/{name}.yaml").read_text())
        homes.append(find(document, key))
    assert homes[0] == pytest.approx(list(HOME_JOINTS), abs=1e-4)
    assert homes[1] == pytest.approx(homes[0], abs=1e-3)


def find(tree, key):
    """The entry of that name at any depth."""
    for name, value in tree.items():
        found = value if name == key else find(value, key) if isinstance(value, dict) else None
        if found is not None:
            return found
    return None
