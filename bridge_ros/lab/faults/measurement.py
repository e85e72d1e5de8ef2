"""What is measured of a fault, from what was said and from where the arm was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.status import (
    CameraState,
    ControllerState,
    ExpertState,
    Source,
    TaskState,
    TrajectoryState,
)

REST_M_S = 0.01
_HELD = tuple(state.value for state in ControllerState if state.held)
_TROUBLE = (*_HELD, TaskState.FAILED, ExpertState.FAILED, TrajectoryState.FAILED, CameraState.LOST)
_PEAK_S = 0.06
_LAPSE_S = 0.3
"""Without states for so long, the robot was gone, and is another one afterwards."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One status.

    Attributes:
        at_s: when it was said, by its stamp.
    """

    at_s: float
    source: str
    state: str
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Track:
    """Where the arm was.

    Attributes:
        times_s: `(N,)` rising.
        robot_times_s: `(N,)` the same moments by the robot's own clock, which stands still and
            catches up where the machine that simulates it is busy.
        positions: `(N, 3)` of the tool centre point, base frame [m].
    """

    times_s: FloatArray
    robot_times_s: FloatArray
    positions: FloatArray

    def between(self, from_s: float, until_s: float) -> Track:
        """The part between two moments."""
        inside = (self.times_s >= from_s) & (self.times_s <= until_s)
        return self._part(inside)

    def relative_to(self, moment_s: float) -> Track:
        """The same in seconds from a moment on."""
        return replace(self, times_s=self.times_s - moment_s)

    def save(self, file: Path) -> None:
        """Write it as NumPy's `.npz`, for whoever wants to look closer."""
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **vars(self))

    def until_gone(self, after_s: float) -> Track:
        """The part up to the first lapse that ends after a moment."""
        ends = np.flatnonzero((np.diff(self.times_s) > _LAPSE_S) & (self.times_s[1:] > after_s))
        count = int(ends[0]) + 1 if len(ends) else len(self.times_s)
        return self._part(slice(count))

    def _part(self, which: slice | NDArray[np.bool_]) -> Track:
        return Track(
            times_s=self.times_s[which],
            robot_times_s=self.robot_times_s[which],
            positions=self.positions[which],
        )

    def speeds_m_s(self) -> FloatArray:
        """`(N - 1,)` from one to the next."""
        steps = np.linalg.norm(np.diff(self.positions, axis=0), axis=1)
        speeds: FloatArray = steps / np.maximum(np.diff(self.times_s), 1e-4)
        return speeds


def time_to_hold_s(said: Sequence[Said], fault_s: float) -> float | None:
    """From the fault until the controller said that it does not follow; None if it never did."""
    return next(
        (
            status.at_s - fault_s
            for status in said
            if status.source == Source.CONTROLLER
            and status.state in _HELD
            and status.at_s >= fault_s
        ),
        None,
    )


def time_to_rest_s(track: Track, fault_s: float) -> float:
    """From the fault to the last motion faster than `REST_M_S`."""
    moving = track.times_s[1:][track.speeds_m_s() > REST_M_S]
    return max(0.0, float(moving[-1]) - fault_s) if len(moving) else 0.0


def motion_after_m(track: Track, due_s: float) -> float:
    """How far the arm got from where it was at a moment."""
    before = np.flatnonzero(track.times_s <= due_s)
    after = track.positions[track.times_s > due_s]
    if not len(before) or not len(after):
        return 0.0
    last, following = int(before[-1]), int(before[-1]) + 1
    t0, t1 = track.times_s[last], track.times_s[following]
    # Of a simulation that stood still in between nothing is known but where it stopped.
    share = (due_s - t0) / (t1 - t0) if t1 - t0 < _LAPSE_S else 0.0
    place = track.positions[last] + share * (track.positions[following] - track.positions[last])
    return float(np.linalg.norm(after - place, axis=1).max())


def peak_speed_m_s(track: Track) -> float:
    """The fastest over `_PEAK_S` of the robot's time or a little more, no single stamps."""
    times_s = track.robot_times_s
    later = np.searchsorted(times_s, times_s + _PEAK_S)
    first = np.flatnonzero(later < len(times_s))
    if not len(first):
        return 0.0
    last = later[first]
    ways = np.linalg.norm(track.positions[last] - track.positions[first], axis=1)
    return float((ways / (times_s[last] - times_s[first])).max())


def sayings(said: Sequence[Said], fault_s: float) -> tuple[str, ...]:
    """The first of each kind of trouble that was told after the fault, and not before it, too."""
    kinds: dict[tuple[str, str], str] = {}
    before: dict[str, str] = {}
    for status in said:
        text = f"{status.source} {status.state}: {status.message}"
        if status.at_s < fault_s:
            before[status.source] = text
        elif text != before.get(status.source) and status.state in _TROUBLE:
            kinds.setdefault((status.source, status.state), text)
    return tuple(kinds.values())
