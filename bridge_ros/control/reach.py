"""Where targets may lead an FR3: within the controller's own limits."""

from __future__ import annotations

from bridge_ros.control.behaviour import BehaviourSettings
from bridge_ros.control.target_checks import TargetLimits
from bridge_ros.geometry.poses import FloatArray
from bridge_ros.hardware.fr3_reach import Fr3Reach


def make_reach(
    flange_to_tcp: FloatArray, behaviour: BehaviourSettings, targets: TargetLimits
) -> Fr3Reach:
    """The reach of a tool centre point `(7,)`, the elbow drawn to home, as the limits ask."""
    return Fr3Reach(
        flange_to_tcp=flange_to_tcp,
        home_joints=behaviour.home_joints,
        joint_margin_rad=targets.least_joint_room_rad,
        least_dexterity=targets.least_dexterity,
    )
