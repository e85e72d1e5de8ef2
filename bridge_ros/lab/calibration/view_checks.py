"""Which views are of use: seen well, at rest, and unlike each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import ConfigError
from bridge_ros.geometry.poses import (
    FloatArray,
    distance_between,
    rotation_between,
    rotation_of,
)
from bridge_ros.lab.calibration.board_view import BoardView, Detection
from bridge_ros.lab.calibration.errors import (
    BlurredViewError,
    FewCornersError,
    FewViewsError,
    SimilarViewError,
    SimilarViewsError,
    UnevenBoardError,
)


@dataclass(frozen=True, kw_only=True)
class ViewLimits:
    """Settings of the checks.

    Attributes:
        min_corners: of the board, in a view.
        max_edge_width_px: of the board's edges; more is blur.
        max_flatness_px: root mean square of the corners' distances from those of a flat board.
        min_turn_rad, min_shift_m: a view is too similar to an earlier one if the hand turned less
            and moved less than these in between.
        min_views: to calibrate from.
        min_spread_rad: root mean square of the hand's turns about at least two axes.
    """

    min_corners: int = 12
    max_edge_width_px: float = 3.0
    max_flatness_px: float = 1.0
    min_turn_rad: float = 0.10
    min_shift_m: float = 0.05
    min_views: int = 10
    min_spread_rad: float = 0.10

    def __post_init__(self) -> None:
        if self.min_corners < 6 or self.min_views < 4:
            raise ConfigError(
                "view limits: expected min_corners of at least 6 and min_views of at least 4, "
                f"got {self.min_corners} and {self.min_views}"
            )
        for name in (
            "max_edge_width_px",
            "max_flatness_px",
            "min_turn_rad",
            "min_shift_m",
            "min_spread_rad",
        ):
            if not getattr(self, name) > 0.0:
                raise ConfigError(f"{name}: expected more than 0, got {getattr(self, name)}")


def check_detection(detection: Detection, limits: ViewLimits) -> None:
    """Refuse a picture in which the board is not seen well.

    Raises:
        BlurredViewError, FewCornersError.
    """
    # Blur first: it hides corners, too. Where no edge is seen, its width is infinite.
    if limits.max_edge_width_px < detection.edge_width_px < np.inf:
        raise BlurredViewError(
            f"view: blurred, the board's edges are {detection.edge_width_px:.1f} px wide, expected "
            f"at most {limits.max_edge_width_px:g}; let the arm come to rest, add light, clean the "
            "lens"
        )
    count = len(detection.ids)
    if count < limits.min_corners:
        raise FewCornersError(
            f"view: {count} corners of the board are seen, expected at least {limits.min_corners}; "
            "bring all of it into the picture, nothing in front of it, tilted less, sharp"
        )


def check_flatness(rms_px: float, limits: ViewLimits) -> None:
    """Refuse a view whose corners a flat board cannot have made.

    Raises:
        UnevenBoardError.
    """
    if rms_px > limits.max_flatness_px:
        raise UnevenBoardError(
            f"view: the corners lie {rms_px:.2f} px from those of a flat board, expected at most "
            f"{limits.max_flatness_px:g}; glue the print on something flat and stiff; is it the "
            "board of config/calibration.yaml?"
        )


def check_novelty(ee_pose: FloatArray, views: Sequence[BoardView], limits: ViewLimits) -> None:
    """Refuse a view that is too similar to an earlier one.

    Raises:
        SimilarViewError: naming that view.
    """
    for number, view in enumerate(views, start=1):
        turn_rad = rotation_between(view.ee_pose, ee_pose)
        shift_m = distance_between(view.ee_pose, ee_pose)
        if turn_rad < limits.min_turn_rad and shift_m < limits.min_shift_m:
            raise SimilarViewError(
                f"view: too similar to view {number}, {1e3 * shift_m:.0f} mm and "
                f"{np.degrees(turn_rad):.1f} degrees from it; expected "
                f"{1e3 * limits.min_shift_m:.0f} mm or {np.degrees(limits.min_turn_rad):.1f} "
                "degrees; tilt the hand another way"
            )


def check_views(views: Sequence[BoardView], limits: ViewLimits) -> None:
    """Refuse views that the camera's pose does not follow from.

    Raises:
        FewViewsError, SimilarViewsError.
    """
    if len(views) < limits.min_views:
        raise FewViewsError(
            f"calibration: {len(views)} usable views, expected at least {limits.min_views}; "
            "take more, from other poses"
        )
    spread_rad = turn_spread(views)[1]
    if spread_rad < limits.min_spread_rad:
        raise SimilarViewsError(
            "calibration: the views are too similar: about its second axis the hand turned by "
            f"{np.degrees(spread_rad):.1f} degrees (root mean square), expected at least "
            f"{np.degrees(limits.min_spread_rad):.1f}; tilt the board forwards and back as well as "
            "to both sides"
        )


def turn_spread(views: Sequence[BoardView]) -> FloatArray:
    """`(3,)` root mean square of the hand's turns [rad] about their three main axes, largest first.

    The camera's pose follows from turns about two axes that are not parallel, not from fewer
    (Tsai and Lenz, "A new technique for fully autonomous and efficient 3D robotics hand/eye
    calibration", 1989).
    """
    rotations = rotation_of(np.array([view.ee_pose for view in views]))
    turns = (rotations.mean().inv() * rotations).as_rotvec()
    spread = np.linalg.svd(turns, compute_uv=False) / np.sqrt(len(views))
    return np.pad(spread, (0, 3))[:3]
