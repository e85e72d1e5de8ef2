"""The rules of the design that a test can hold: what may import what, and what names what."""

import dataclasses
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bridge_ros
from bridge_ros.deployment import Deployment
from bridge_ros.resources import share_dir

CORE = [
    "calibration",
    "camera",
    "control",
    "data",
    "evaluation",
    "expert",
    "geometry",
    "hardware",
    "perception",
    "planner",
    "training",
    "trajectory",
]
NOT_IN_CORE = ("rclpy", "bridge_interfaces", "sensor_msgs", "franky", "pyrealsense2", "mujoco")


def modules_of(package):
    root = Path(bridge_ros.__file__).parent / package
    found = pkgutil.walk_packages([str(root)], prefix=f"bridge_ros.{package}.")
    return [f"bridge_ros.{package}", *(module.name for module in found)]


def test_the_core_imports_neither_ros_nor_hardware_libraries():
    modules = [module for package in CORE for module in modules_of(package)]
    program = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print([name for name in {NOT_IN_CORE!r} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("package", ["sim", "ros", "nodes"])
def test_every_other_module_imports(package):
    for module in modules_of(package):
        importlib.import_module(module)


NODES = [spec.name for spec in Deployment(sim=True).nodes()]


@pytest.mark.parametrize("name", NODES)
def test_a_node_s_parameter_file_names_the_entries_of_its_settings(name):
    from bridge_ros.ros.parameters import build, flatten

    settings_class = importlib.import_module(f"bridge_ros.nodes.{name}_node").SETTINGS
    document = yaml.safe_load((share_dir() / f"config/{name}.yaml").read_text())
    assert list(document) == [name]
    entries = flat(document[name]["ros__parameters"])
    assert set(entries) == set(flatten(settings_class()))
    assert dataclasses.is_dataclass(build(settings_class, entries))


@pytest.mark.parametrize(
    "deployment",
    [Deployment(), Deployment(sim=True, seed=3), Deployment(camera="realsense_ros")],
    ids=["robot", "sim", "official camera"],
)
def test_what_a_deployment_overrides_exists(deployment):
    from bridge_ros.ros.parameters import build, flatten

    for spec in deployment.nodes():
        settings_class = importlib.import_module(spec.module).SETTINGS
        entries = flatten(settings_class())
        assert set(spec.overrides) <= set(entries)
        build(settings_class, entries | dict(spec.overrides))


def flat(tree, prefix=""):
    entries = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            entries |= flat(value, f"{prefix}{key}.")
        else:
            entries[prefix + key] = value
    return entries
