"""Measures in the running graph how late the arm is, and how far off the pictures' stamps are."""

from __future__ import annotations

from collections.abc import Sequence

from bridge_ros.geometry.poses import pose_at, quaternion_of
from bridge_ros.lab.calibration.calibration_settings import MotionSettings
from bridge_ros.lab.calibration.graph_cell import GraphCell
from bridge_ros.lab.calibration.latency import Latency, measure_latency

_READY_TIMEOUT_S = 15.0


def measure_live(
    settings: MotionSettings,
    *,
    at_m: Sequence[float],
    axis: int,
    amplitude_m: float,
    strokes: int,
) -> Latency:
    """Lead the hand to and fro, and back to where it was.

    Args:
        at_m: `(3,)` the middle of the motion, base frame.
        axis: of base, to move along. amplitude_m: either way.
        strokes: to and fro counts as two.

    Raises:
        BridgeError: if the graph is not ready, the arm fails, or too little was heard.
    """
    with GraphCell(settings) as cell:
        cell.wait_ready(_READY_TIMEOUT_S)
        start = cell.ee_pose()
        middle = pose_at(at_m, quaternion_of(start))
        ends = [middle.copy(), middle.copy()]
        ends[0][axis] -= amplitude_m
        ends[1][axis] += amplitude_m
        cell.move_to(ends[0])
        with cell.recorded() as motion:
            for stroke in range(1, strokes + 1):
                cell.move_to(ends[stroke % 2])
        cell.move_to(start)
        cell.release()
    return measure_latency(motion)
