"""A plot of commanded against measured motion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.demonstration import HandStreams
from bridge_ros.geometry.poses import position_of


def draw_motion(
    commanded: HandStreams,
    measured: HandStreams,
    marks: Sequence[tuple[float, str]],
    path: Path,
    *,
    title: str,
) -> None:
    """Draw position, tracking error and gripper width over time as PNG, with labelled `marks`."""
    if not len(commanded.times_s):
        return
    origin_s = float(commanded.times_s[0])
    figure, axes = plt.subplots(3, 1, figsize=(11, 8), sharex=True, height_ratios=(3, 1.3, 1.3))
    positions, error, gripper = axes
    for index, name in enumerate("xyz"):
        colour = f"C{index}"
        positions.plot(
            commanded.times_s - origin_s, commanded.poses[:, index], "--", color=colour, lw=1.2
        )
        positions.plot(
            measured.times_s - origin_s,
            measured.poses[:, index],
            color=colour,
            lw=1.4,
            label=f"{name} (dashed: commanded)",
        )
    positions.set_ylabel("position in base [m]")
    positions.legend(loc="upper right", fontsize=8)
    if len(measured.times_s):
        at = np.stack(
            [
                np.interp(commanded.times_s, measured.times_s, measured.poses[:, axis])
                for axis in range(3)
            ],
            axis=1,
        )
        distance_mm = np.linalg.norm(at - position_of(commanded.poses), axis=1) * 1e3
        error.plot(commanded.times_s - origin_s, distance_mm, color="C3", lw=1.2)
    error.set_ylabel("target to arm [mm]")
    for stream, style, label in ((commanded, "--", "commanded"), (measured, "-", "measured")):
        gripper.plot(
            stream.width_times_s - origin_s, stream.widths_m * 1e3, style, color="C4", label=label
        )
    gripper.set_ylabel("gripper [mm]")
    gripper.set_xlabel("time [s]")
    gripper.legend(loc="upper right", fontsize=8)
    for time_s, label in marks:
        for axis in axes:
            axis.axvline(time_s - origin_s, color="grey", lw=0.8, alpha=0.6)
        positions.annotate(
            label,
            (time_s - origin_s, 1.0),
            xycoords=("data", "axes fraction"),
            fontsize=8,
            rotation=20,
            va="bottom",
        )
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.suptitle(title)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)
