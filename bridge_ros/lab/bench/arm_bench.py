"""How the controller drives an FR3 that is real, or behaves as if it were.

First it follows random smooth 20 Hz targets over the workspace, then it gets what broken senders
send. Nothing but the controller, the arm's driver and the Franka Control Interface takes part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.interpolator import MotionLimits
from bridge_ros.control.reach import make_reach
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.hardware.arm import make_arm
from bridge_ros.hardware.arm_settings import ArmSettings
from bridge_ros.hardware.fr3_reach import Fr3Reach
from bridge_ros.hardware.gripper_model import GripperModel
from bridge_ros.lab.bench.arm_trial import ArmTrial
from bridge_ros.lab.bench.wandering import WanderingLimits, WanderingPath
from bridge_ros.priority import ROBOT_LEVEL, run_in_foreground, run_normally
from bridge_ros.settings.config_file import node_section, node_settings

_LEAST_PATH_S = 20.0


@dataclass(frozen=True, kw_only=True)
class ArmBenchSettings:
    """What is measured.

    Attributes:
        host: the robot's address.
        seconds: of smooth targets. hostile: number of misbehaviours afterwards, in turn.
        arm: entries of `ArmSettings` that differ from config/controller.yaml.
        seed: of path and misbehaviours.
    """

    host: str
    seconds: float = 60.0
    hostile: int = 40
    arm: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 1000


def bench_arm(settings: ArmBenchSettings) -> dict[str, Any]:
    """Drive the robot with the configured controller, and tell how that went.

    Raises:
        ConfigError: for an unusable entry.
        HardwareError: if the robot is not reached, or does not get ready.
    """
    changes = {**settings.arm, "host": settings.host}
    arm = node_settings(ArmSettings, "controller", "arm", changes=changes)
    behaviour = node_settings(BehaviourSettings, "controller", "behaviour")
    targets = node_settings(TargetLimits, "controller", "targets")
    tcp = GripperModel.load(arm.tool_file).flange_to_tcp
    rng = np.random.default_rng(settings.seed)
    path = WanderingPath(
        Fr3Reach(flange_to_tcp=tcp, home_joints=behaviour.home_joints),
        np.array(behaviour.home_joints),
        workspace=targets.workspace,
        length_s=max(settings.seconds, _LEAST_PATH_S),
        limits=WanderingLimits(),
        rng=rng,
    )
    # As in the controller's node; and what runs from here on is no more than that does.
    run_in_foreground(ROBOT_LEVEL)
    trial = ArmTrial(
        make_arm(arm, behaviour.home_joints),
        path,
        rng,
        rate_hz=float(node_section("controller")["rate_hz"]),
        behaviour=behaviour,
        targets=targets,
        reach=make_reach(tcp, behaviour, targets),
        motion=node_settings(MotionLimits, "controller", "motion"),
    )
    try:
        trial.get_ready()
        report = {"settings": asdict(settings), "smooth": trial.smooth(settings.seconds)}
        if settings.hostile:
            report["hostile"] = trial.hostile(settings.hostile)
        return report
    finally:
        trial.close()
        run_normally()
