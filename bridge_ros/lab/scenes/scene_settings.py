"""SceneSettings: what procedural training scenes are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.lab.scenes import objects as kinds


@dataclass(frozen=True, kw_only=True)
class SceneSettings:
    """What training scenes are drawn from.

    Attributes:
        interaction_weights: how often GRASP, PLACE, LEAVE (a contact, with or without what was
            gripped) and HOVER (stop before one) occur.
        grasp_weights: how often each family of objects.FAMILIES is grasped.
        support_weights: the same of what things are put on or into; none of them is the table.
        nested_share: cups to put things into that stand in another cup already.
        on_table_share: placements on the bare table or on a platform.
        gripper_weights: UMI, Franka Hand, other parallel jaws.
        platform_share: scenes whose object stands on something.
        tilted_share: grasps that do not come from straight above; up to `tilt_rad`.
        distractors: most other things near the contact.
        position_error_m, yaw_error_rad, tilt_error_rad: standard deviations of a rough keypoint of
            average quality; each scene has its own quality, from perfect to 1.8 times that.
        wrong_spot_share: rough keypoints that are on another part of a long object.
        largest_error_m, largest_error_rad: rougher ones are not corrected.
    """

    interaction_weights: tuple[float, float, float, float] = (0.41, 0.41, 0.10, 0.08)
    grasp_weights: tuple[float, ...] = (0.29, 0.11, 0.09, 0.05, 0.15, 0.10, 0.04, 0.0, 0.17)
    support_weights: tuple[float, ...] = (0.42, 0.08, 0.0, 0.0, 0.0, 0.28, 0.0, 0.22, 0.0)
    nested_share: float = 0.35
    on_table_share: float = 0.15
    gripper_weights: tuple[float, float, float] = (0.5, 0.2, 0.3)
    platform_share: float = 0.2
    tilted_share: float = 0.25
    tilt_rad: float = 0.6
    distractors: int = 4
    position_error_m: float = 0.015
    yaw_error_rad: float = 0.16
    tilt_error_rad: float = 0.08
    wrong_spot_share: float = 0.2
    largest_error_m: float = 0.065
    largest_error_rad: float = 0.6

    def __post_init__(self) -> None:
        families = len(kinds.FAMILIES)
        if len(self.grasp_weights) != families or len(self.support_weights) != families:
            raise ConfigError(
                f"grasp_weights, support_weights: expected {families} numbers, one for each of "
                f"{kinds.FAMILIES}, got {self.grasp_weights} and {self.support_weights}"
            )
        if not 0 <= self.distractors <= 8:
            raise ConfigError(f"distractors: expected 0 to 8, got {self.distractors}")
