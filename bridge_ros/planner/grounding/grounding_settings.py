"""Settings of classical grounding."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Count, Positive, check_ranges


@dataclass(frozen=True, kw_only=True)
class GroundingSettings:
    """How the table and the objects on it are told apart in a depth image.

    Attributes:
        min_depth_m, max_depth_m: depth outside is not looked at.
        plane_distance_m: how far from the table's plane a depth pixel may lie and still be table.
        min_height_m: lower things on the table are not seen.
        max_height_m: what reaches higher is the robot, a person or a wall, not an object.
        max_extent_m: what is wider is no object to handle.
        gap_m: neighbouring pixels further apart than this belong to different things.
        hue_gap_m: the same for pixels of the same hue, as a part of a thing may hide another part.
        min_pixels: smaller things are noise.
        float_height_m: what ends higher above the table, with the table seen beneath, is held
            in the air and does not stand there.
    """

    min_depth_m: Positive = 0.25
    max_depth_m: Positive = 2.0
    plane_distance_m: Positive = 0.008
    min_height_m: Positive = 0.010
    max_height_m: Positive = 0.22
    max_extent_m: Positive = 0.40
    gap_m: Positive = 0.018
    hue_gap_m: Positive = 0.034
    min_pixels: Count = 60
    float_height_m: Positive = 0.030

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.min_depth_m >= self.max_depth_m:
            raise ConfigError(
                f"max_depth_m: expected more than min_depth_m, {self.min_depth_m}, "
                f"got {self.max_depth_m}"
            )
