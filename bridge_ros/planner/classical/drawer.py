"""How a drawer is opened by its handle: where the fingers close round the bar, how far to pull."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bridge_ros.errors import PlanError
from bridge_ros.planner.classical.grasp import Grasp, GraspSettings
from bridge_ros.planner.grounding.cabinet import Handle
from bridge_ros.planner.grounding.footprint import wrap_half_turn
from bridge_ros.settings.ranges import Range, check_ranges

_MIN_SLACK_M = 0.006
"""What a finger between bar and face must have to spare."""


@dataclass(frozen=True, kw_only=True)
class DrawerSettings:
    """How drawers are opened.

    Attributes:
        pull_m: how far a drawer is pulled.
        handle_depth_m: of the tool centre point below the upper side of the handle's bar.
        thickest_m: a thicker bar is measured wrongly.
    """

    pull_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.11
    handle_depth_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.008
    thickest_m: Annotated[float, Range(above=0.0, most=0.5)] = 0.016

    def __post_init__(self) -> None:
        check_ranges(self)


def choose_handle_grasp(handle: Handle, settings: DrawerSettings, gripper: GraspSettings) -> Grasp:
    """The fingers close across the bar, one of them between the bar and the face.

    Raises:
        PlanError: if there is no room for that finger.
    """
    half_m = min(handle.thickness_m, settings.thickest_m) / 2
    slack_m = handle.reach_m - half_m - gripper.finger_thickness_m
    if slack_m < _MIN_SLACK_M:
        raise PlanError(
            f"the handle stands {1000 * handle.reach_m:.0f} mm off: no room for a finger behind it"
        )
    direction_rad = float(np.arctan2(handle.normal[1], handle.normal[0]))
    turn_rad = wrap_half_turn(direction_rad - gripper.neutral_yaw_rad)
    return Grasp(
        position=handle.center - [0.0, 0.0, settings.handle_depth_m],
        yaw_rad=turn_rad + gripper.neutral_yaw_rad,
        opening_m=min(2 * half_m + slack_m, gripper.stroke_m),
    )
