"""A storyboard: the camera's view at the moments that mattered, with plan and motion drawn in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from bridge_ros.geometry.intrinsics import Intrinsics
from bridge_ros.geometry.poses import FloatArray, transform_points

_WAYPOINT, _PATH, _MOTION = "#ffd23f", "#00c2ff", "#ff4f9a"


def _no_points() -> FloatArray:
    return np.zeros((0, 3))


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture of the storyboard; all points are in the camera's optical frame [m].

    Attributes:
        image: `(H, W, 3)` uint8.
        title: what happens here.
        waypoints: `(N, 3)` of the plan.
        path: `(P, 3)` of the trajectory.
        motion: `(M, 3)` measured.
        target_pose: `(7,)` where the gripper is to go, drawn as its opening axis and approach.
    """

    image: NDArray[np.uint8]
    title: str
    waypoints: FloatArray = field(default_factory=_no_points)
    path: FloatArray = field(default_factory=_no_points)
    motion: FloatArray = field(default_factory=_no_points)
    target_pose: FloatArray | None = None


def draw_storyboard(
    panels: Sequence[Panel], intrinsics: Intrinsics, path: Path, *, title: str
) -> None:
    """Draw the panels into one PNG, in reading order."""
    columns = min(3, max(1, len(panels)))
    rows = max(1, math.ceil(len(panels) / columns))
    figure, axes = plt.subplots(
        rows, columns, figsize=(5.4 * columns, 4.35 * rows + 0.5), squeeze=False
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, panel in zip(axes.flat, panels, strict=False):
        _draw_panel(axis, panel, intrinsics)
    for label, colour in (("waypoints", _WAYPOINT), ("trajectory", _PATH), ("motion", _MOTION)):
        axes[0, 0].plot([], [], color=colour, linewidth=3, label=label)
    axes[0, 0].legend(loc="lower left", fontsize=8, framealpha=0.7)
    figure.suptitle(title, fontsize=14)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_panel(axis: Axes, panel: Panel, intrinsics: Intrinsics) -> None:
    axis.imshow(panel.image)
    axis.set_xlim(0, intrinsics.width)
    axis.set_ylim(intrinsics.height, 0)
    axis.set_title(panel.title, fontsize=10)
    for points, colour, width in ((panel.motion, _MOTION, 1.5), (panel.path, _PATH, 2.5)):
        uv = _visible(points, intrinsics)
        axis.plot(uv[:, 0], uv[:, 1], color=colour, linewidth=width, alpha=0.9)
    uv = _visible(panel.waypoints, intrinsics)
    axis.scatter(uv[:, 0], uv[:, 1], s=42, color=_WAYPOINT, edgecolors="black", zorder=3)
    for number, (u, v) in enumerate(uv, start=1):
        axis.annotate(
            str(number), (u, v), xytext=(6, -6), textcoords="offset points", color="white", zorder=4
        )
    if panel.target_pose is not None:
        fingers = np.array([[0, -0.05, -0.04], [0, -0.05, 0], [0, 0.05, 0], [0, 0.05, -0.04]])
        uv = _visible(transform_points(panel.target_pose, fingers), intrinsics)
        axis.plot(uv[:, 0], uv[:, 1], color=_WAYPOINT, linewidth=2)


def _visible(points: FloatArray, intrinsics: Intrinsics) -> FloatArray:
    """Pixels `(K, 2)` of the points that lie in front of the camera."""
    return intrinsics.project(points[points[:, 2] > 0.05])
