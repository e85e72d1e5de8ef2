"""What the parameter files of different nodes must agree on."""

from __future__ import annotations

from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.errors import ConfigError
from bridge_ros.expert.loop import ExpertLoopSettings
from bridge_ros.geometry.box import Box
from bridge_ros.settings.config_file import node_file, node_settings
from bridge_ros.trajectory import Workspace


def check_files_agree() -> None:
    """Refuse files that contradict each other.

    Raises:
        ConfigError: naming both files and both values.
    """
    workspace = node_settings(Workspace, "trajectory", "workspace")
    check_within_controller(workspace.box, f"{node_file('trajectory')}: workspace")
    loop = node_settings(ExpertLoopSettings, "expert", "loop")
    motion = node_settings(MotionLimits, "controller", "motion")
    if motion.period_s != loop.period_s:
        raise ConfigError(
            f"{node_file('controller')}: motion.period_s: expected {loop.period_s}, as "
            f"loop.period_s in {node_file('expert')}, got {motion.period_s}"
        )


def check_within_controller(box: Box, name: str) -> None:
    """Refuse a box, called `name`, in which the controller would refuse targets.

    Raises:
        ConfigError: naming both boxes.
    """
    targets = node_settings(TargetLimits, "controller", "targets")
    box.check_within(
        targets.workspace, name=name, outer_name=f"targets.workspace in {node_file('controller')}"
    )
