"""Hands action chunks to a steady stream of targets, without jumps at their seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bridge_ros.errors import StaleObservationError
from bridge_ros.expert.observation import ActionChunk
from bridge_ros.geometry.poses import FloatArray, distance_between, interpolate
from bridge_ros.settings.control_period import CONTROL_PERIOD_S
from bridge_ros.settings.ranges import NotNegative, Positive, check_ranges
from bridge_ros.status import ExpertReason


@dataclass(frozen=True, kw_only=True)
class ActionQueueSettings:
    """How chunks follow one another.

    Attributes:
        period_s: time between two steps of a chunk.
        blend_s: time over which a new chunk takes over from the one before it.
        max_age_s: a chunk whose observation is older than this is no longer followed.
    """

    period_s: Positive = CONTROL_PERIOD_S
    blend_s: NotNegative = 0.15
    max_age_s: Positive = 0.60

    def __post_init__(self) -> None:
        check_ranges(self)


class ActionQueue:
    """The targets of the newest chunk, on the clock of the control loop.

    A chunk's first step is due one period after the moment of its observation, so the time that
    inference took drops out by itself: steps that are already past are never played. A new chunk
    is blended in, in SE(3), from what would have been played anyway. Not thread-safe.
    """

    def __init__(self, settings: ActionQueueSettings | None = None) -> None:
        self._settings = settings or ActionQueueSettings()
        self._times_s: FloatArray = np.empty(0)
        self._poses: FloatArray = np.empty((0, 7))
        self._widths: FloatArray = np.empty(0)
        self._observed_s = -np.inf
        self.last_seam_m = 0.0
        """How far apart the last two chunks were at the moment of their seam [m]."""

    def __bool__(self) -> bool:
        return len(self._times_s) > 0

    def clear(self) -> None:
        """Forget everything; the next chunk starts without a blend."""
        self._times_s, self._poses = np.empty(0), np.empty((0, 7))
        self._widths = np.empty(0)
        self._observed_s = -np.inf

    def push(self, chunk: ActionChunk, *, observed_s: float, now_s: float) -> None:
        """Take over a chunk made from an observation at `observed_s`; older ones are ignored."""
        if observed_s < self._observed_s:
            return
        s = self._settings
        steps: FloatArray = np.arange(1, len(chunk.poses) + 1, dtype=np.float64)
        times: FloatArray = observed_s + s.period_s * steps
        poses, widths = chunk.poses, chunk.gripper_widths
        if self:
            present, width = self._at(now_s)
            meet_s = max(now_s, float(times[0]))
            self.last_seam_m = float(
                distance_between(_interpolated(times, poses, meet_s), self._at(meet_s)[0])
            )
            later = times > now_s
            blended = [
                self._blend(pose, time, now_s)
                for pose, time in zip(poses[later], times[later], strict=True)
            ]
            times = np.concatenate([[now_s], times[later]])
            poses = np.array([present, *blended])
            widths = np.concatenate([[width], widths[later]])
        self._times_s, self._poses, self._widths = times, poses, widths
        self._observed_s = observed_s

    def sample(self, now_s: float) -> tuple[FloatArray, float]:
        """The target pose `(7,)` and the gripper width [m] for this moment.

        Raises:
            StaleObservationError: if there is no chunk, or it is too old.
        """
        age_s = now_s - self._observed_s
        if not self or age_s > self._settings.max_age_s:
            raise StaleObservationError(
                ExpertReason.INFERENCE_SLOW.because(age_s=age_s, limit_s=self._settings.max_age_s)
            )
        return self._at(now_s)

    def _blend(self, pose: FloatArray, time_s: float, now_s: float) -> FloatArray:
        blend_s = self._settings.blend_s
        share = 1.0 if blend_s == 0.0 else min((time_s - now_s) / blend_s, 1.0)
        if share >= 1.0:
            return pose
        return interpolate(self._at(time_s)[0], pose, share)

    def _at(self, now_s: float) -> tuple[FloatArray, float]:
        pose = _interpolated(self._times_s, self._poses, now_s)
        due = int(np.searchsorted(self._times_s, now_s + 1e-9, side="right"))
        return pose, float(self._widths[max(due - 1, 0)])


def _interpolated(times: FloatArray, poses: FloatArray, now_s: float) -> FloatArray:
    """The pose at a time between those of `poses` `(N, 7)`; the ends hold."""
    after = int(np.searchsorted(times, now_s))
    if after == 0 or after == len(times):
        return np.array(poses[min(after, len(times) - 1)])
    span = times[after] - times[after - 1]
    return interpolate(poses[after - 1], poses[after], float((now_s - times[after - 1]) / span))
