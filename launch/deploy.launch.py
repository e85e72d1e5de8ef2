"""The deployment on a ROS 2 install; `sim:=true` simulates the devices."""

import os

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.conditions import IfCondition
from launch.substitutions import Command, LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from bridge_ros.deploy.choices import CAMERA_SOURCES, PLANNER_BACKENDS
from bridge_ros.deploy.deployment import Deployment
from bridge_ros.deploy.middleware import middleware_environment
from bridge_ros.settings.resources import resource_path
from launch import Action, LaunchContext, LaunchDescription

ARGUMENTS = {
    "sim": ("false", "simulated devices in place of the real ones"),
    "scene": ("tabletop", "the simulated scene"),
    "seed": ("0", "seed of the simulated scene"),
    "planner": ("classical", f"planner backend: {', '.join(PLANNER_BACKENDS)}"),
    "camera": ("realsense", f"where frames come from: {', '.join(CAMERA_SOURCES)}"),
    "robot_host": ("", "address of the FR3; empty: that of config/controller.yaml"),
    "extrinsics": ("", "calibration file of the camera; empty: that of config/trajectory.yaml"),
}


def _nodes(context: LaunchContext) -> list[Node]:
    value = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    deployment = Deployment(
        sim=value["sim"].lower() in ("true", "1", "yes"),
        scene=value["scene"],
        seed=int(value["seed"]),
        planner=value["planner"],
        camera=value["camera"],
        robot_host=value["robot_host"] or None,
        extrinsics=value["extrinsics"] or None,
    )
    return [
        Node(
            package="bridge_ros",
            executable=spec.executable,
            name=spec.name,
            parameters=[str(spec.parameter_file), dict(spec.overrides)],
            output="screen",
            additional_env=middleware_environment(spec.middleware_file, os.environ),
            respawn=True,
            respawn_delay=0.5,
        )
        for spec in deployment.nodes()
    ]


def _viewer(context: LaunchContext) -> list[Action]:
    """rviz2, and the robot's links from Franka's description of it where that is installed."""
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        arguments=["-d", str(resource_path("config/bridge.rviz"))],
    )
    try:
        folder = get_package_share_directory("franka_description")
    except PackageNotFoundError:
        advice = "rviz2 shows no robot: the package franka_description is not installed"
        return [rviz, LogInfo(msg=advice)]
    xacro = Command(["xacro ", f"{folder}/robots/fr3/fr3.urdf.xacro", " hand:=false"])
    description = {"robot_description": ParameterValue(xacro, value_type=str)}
    publisher = "robot_state_publisher"
    return [rviz, Node(package=publisher, executable=publisher, parameters=[description])]


def generate_launch_description() -> LaunchDescription:
    """The nodes of `deploy.deployment`, restarted when they die, and rviz2 on request."""
    rviz = LaunchConfiguration("rviz")
    return LaunchDescription(
        [
            *(
                DeclareLaunchArgument(name, default_value=default, description=text)
                for name, (default, text) in ARGUMENTS.items()
            ),
            DeclareLaunchArgument("rviz", default_value="false", description="open rviz2 as well"),
            *(
                SetEnvironmentVariable(name, value)
                for name, value in {
                    **middleware_environment(resource_path("config/fastdds.xml"), os.environ),
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                }.items()
            ),
            OpaqueFunction(function=_nodes),
            GroupAction([OpaqueFunction(function=_viewer)], condition=IfCondition(rviz)),
        ]
    )
