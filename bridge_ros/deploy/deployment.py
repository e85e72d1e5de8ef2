"""Which nodes run, and with which parameters: read by the launch file and the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge_ros.deploy.agreement import check_files_agree
from bridge_ros.deploy.choices import CAMERA_SOURCES, PLANNER_BACKENDS
from bridge_ros.errors import ConfigError
from bridge_ros.hardware.gripper_model import UMI_GRIPPER_FILE
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.planner.small_planner import expect_small_planner
from bridge_ros.settings.config_file import node_file
from bridge_ros.settings.resources import resource_path

ParameterValue = bool | int | float | str | list[str]

_WITH_IMAGES = ("camera", "planner", "expert")
SIMULATED_ROTATIONAL_DAMPING_NMS_RAD = 25.0
"""Of the simulated arm, whose commands are never late, in the graph and in `bridge-ros eval`."""


@dataclass(frozen=True, kw_only=True)
class NodeSpec:
    """One process of the deployment.

    Attributes:
        name: the node's name; its module is `bridge_ros.nodes.<name>_node`, its executable
            `<name>_node`, its parameter file `config/<name>.yaml`.
        overrides: parameters that differ from the file.
    """

    name: str
    overrides: Mapping[str, ParameterValue] = field(default_factory=dict)

    @property
    def module(self) -> str:
        return f"bridge_ros.nodes.{self.name}_node"

    @property
    def executable(self) -> str:
        return f"{self.name}_node"

    @property
    def parameter_file(self) -> Path:
        return node_file(self.name)

    @property
    def middleware_file(self) -> Path:
        """The profile of its Fast DDS."""
        name = "fastdds" if self.name in _WITH_IMAGES else "fastdds_udp"
        return resource_path(f"config/{name}.xml")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What a person chooses about a deployment.

    Attributes:
        sim: simulated devices in place of the real ones; everything else is the same.
        scene, seed: of the simulated cell.
        planner: the planner's backend; `vlm` is `transformers` with the model that ships.
        camera: where frames come from on the real robot; `realsense_ros` is the official node,
            started by the user, in place of ours.
        robot_host: address of the FR3, or the loopback address of the simulated one; None takes
            that of config/controller.yaml, and 127.0.0.1 in simulation.
        extrinsics: the camera's calibration file; None takes that of config/trajectory.yaml, and
            in simulation the simulated camera's.
    """

    sim: bool = False
    scene: str = "tabletop"
    seed: int = 0
    planner: str = "classical"
    camera: str = "realsense"
    robot_host: str | None = None
    extrinsics: str | None = None

    def __post_init__(self) -> None:
        if self.planner not in PLANNER_BACKENDS:
            raise ConfigError(
                f"planner: expected one of {list(PLANNER_BACKENDS)}, got {self.planner!r}"
            )
        if self.planner == "vlm":
            expect_small_planner()
        if self.camera not in CAMERA_SOURCES:
            raise ConfigError(
                f"camera: expected one of {list(CAMERA_SOURCES)}, got {self.camera!r}"
            )
        if self.seed < 0:
            raise ConfigError(f"seed: expected a number from 0, got {self.seed}")
        if self.sim and self.robot_host and not re.fullmatch(r"127(\.\d{1,3}){3}", self.robot_host):
            raise ConfigError(
                f"robot_host: in simulation expected a loopback address such as 127.0.0.1, "
                f"got {self.robot_host!r}"
            )

    def nodes(self) -> tuple[NodeSpec, ...]:
        """The processes to run, in the order in which they are best started.

        Raises:
            ConfigError: if a file is missing, or two contradict each other.
        """
        check_files_agree()
        host = self.robot_host or ("127.0.0.1" if self.sim else None)
        controller: dict[str, ParameterValue] = {}
        camera: dict[str, ParameterValue] = {"source": "sim" if self.sim else self.camera}
        trajectory: dict[str, ParameterValue] = {}
        extrinsics = self.extrinsics or ("config/extrinsics/sim.yaml" if self.sim else None)
        if host:
            controller["arm.host"] = host
        if extrinsics:
            trajectory["extrinsics_file"] = str(resource_path(extrinsics))
        specs: list[NodeSpec] = []
        if self.sim:
            assert host is not None
            controller |= {
                # Whatever the file says of a lab's own devices.
                "arm.driver": "franky",
                "arm.tool_file": str(UMI_GRIPPER_FILE),
                "gripper.driver": "wsg",
                "gripper.stroke_m": GripperSettings.stroke_m,
                "gripper.host": host,
                "gripper.port": 10000,
                "arm.friction_compensation": 0.8,
                "arm.rotational_damping_nms_rad": SIMULATED_ROTATIONAL_DAMPING_NMS_RAD,
                # Simulated time may wait for a busy machine; a robot's does not.
                "arm.state_timeout_s": 1.0,
            }
            camera |= {"sim_host": host}
            sim: dict[str, ParameterValue] = {
                "host": host,
                "scene": self.scene,
                "seed": self.seed,
            }
            specs.append(NodeSpec(name="sim", overrides=sim))
        if self.sim or self.camera != "realsense_ros":
            specs.append(NodeSpec(name="camera", overrides=camera))
        else:
            # The official node publishes this transform, and does not say that it is alive: what
            # tells that it is lost is the age of its images.
            trajectory["publish_link_to_optical"] = False
            controller["required_nodes"] = ["planner", "trajectory", "expert"]
        specs += [
            NodeSpec(name="trajectory", overrides=trajectory),
            NodeSpec(name="expert"),
            NodeSpec(name="planner", overrides={"backend": self.planner}),
            NodeSpec(name="controller", overrides=controller),
        ]
        return tuple(specs)
