"""Tells from joint velocities whether the arm is at rest."""

from __future__ import annotations

from collections.abc import Sequence

_FORGET_S = 1.0


class RestDetector:
    """The arm is at rest when no joint was faster than `speed_rad_s` for `time_s`."""

    def __init__(self, speed_rad_s: float, time_s: float) -> None:
        self._speed_rad_s = speed_rad_s
        self._time_s = time_s
        self._slow_since_s: float | None = None
        self._heard_s: float | None = None

    def update(self, velocities_rad_s: Sequence[float], now_s: float) -> None:
        """Take in one measurement; without velocities it tells nothing."""
        if not velocities_rad_s:
            return
        slow = max(map(abs, velocities_rad_s)) < self._speed_rad_s
        if self._heard_s is None or now_s - self._heard_s > _FORGET_S or not slow:
            self._slow_since_s = None
        if slow and self._slow_since_s is None:
            self._slow_since_s = now_s
        self._heard_s = now_s

    def at_rest(self, now_s: float) -> bool:
        """Also true when nothing is heard of the arm: nobody moves it then."""
        if self._heard_s is None or now_s - self._heard_s > _FORGET_S:
            return True
        return self._slow_since_s is not None and now_s - self._slow_since_s >= self._time_s
