"""Settings of a RealSense's depth clean-up; the filters themselves are librealsense's."""

from __future__ import annotations

from dataclasses import dataclass

from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import NotNegative, check_ranges


@dataclass(frozen=True, kw_only=True)
class DepthFilterSettings:
    """Which filters depth goes through, in librealsense's recommended order.

    Attributes:
        spatial: smooth within surfaces, keeping edges (10 ms a frame).
        temporal: average over the last frames where nothing moves; smears what does.
        min_depth_m, max_depth_m: depth outside becomes unknown.
    """

    spatial: bool = False
    temporal: bool = True
    min_depth_m: NotNegative = 0.20
    max_depth_m: float = 2.50

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.min_depth_m < self.max_depth_m:
            raise ConfigError(
                f"max_depth_m: expected more than min_depth_m, {self.min_depth_m}, "
                f"got {self.max_depth_m}"
            )
