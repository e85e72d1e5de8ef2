"""All faults of the campaign, by place."""

from __future__ import annotations

from collections.abc import Sequence

from bridge_ros.errors import ConfigError
from bridge_ros.lab.faults.camera import camera_faults
from bridge_ros.lab.faults.devices import arm_faults, gripper_faults
from bridge_ros.lab.faults.fault import Fault
from bridge_ros.lab.faults.host import host_faults
from bridge_ros.lab.faults.planner import planner_faults
from bridge_ros.lab.faults.processes import process_faults
from bridge_ros.lab.faults.targets import target_faults


def all_faults() -> dict[str, Fault]:
    """By name, in the order in which they are run."""
    faults = (
        *process_faults(),
        *camera_faults(),
        *planner_faults(),
        *target_faults(),
        *arm_faults(),
        *gripper_faults(),
        *host_faults(),
    )
    return {fault.name: fault for fault in faults}


def chosen(names: Sequence[str]) -> list[Fault]:
    """The faults of these names, all of them for none.

    Raises:
        ConfigError: for a name that there is not.
    """
    faults = all_faults()
    unknown = [name for name in names if name not in faults]
    if unknown:
        raise ConfigError(f"faults: expected some of {', '.join(faults)}; got {', '.join(unknown)}")
    return [fault for name, fault in faults.items() if not names or name in names]
