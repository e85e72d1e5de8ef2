"""Tells from joint positions whether the arm is at rest."""

from __future__ import annotations

from collections.abc import Sequence

_FORGET_S = 1.0


class RestDetector:
    """The arm is at rest when in `time_s` no joint went further than `speed_rad_s` would take it.

    Positions tell more than velocities: measured joints that stand still may tell some.
    """

    def __init__(self, speed_rad_s: float, time_s: float) -> None:
        self._most_rad = speed_rad_s * time_s
        self._time_s = time_s
        self._anchor: tuple[float, ...] | None = None
        self._since_s = 0.0
        self._heard_s: float | None = None

    def update(self, positions_rad: Sequence[float], now_s: float) -> None:
        """Take in one measurement; without positions it tells nothing."""
        if not positions_rad:
            return
        if not self._hears(now_s) or not self._is_near(positions_rad):
            self._anchor, self._since_s = tuple(positions_rad), now_s
        self._heard_s = now_s

    def at_rest(self, now_s: float) -> bool:
        """Also true when nothing is heard of the arm: nobody moves it then."""
        return not self._hears(now_s) or now_s - self._since_s >= self._time_s

    def _hears(self, now_s: float) -> bool:
        return self._heard_s is not None and now_s - self._heard_s <= _FORGET_S

    def _is_near(self, positions_rad: Sequence[float]) -> bool:
        """Whether every joint is about where it was as the arm last moved; NaN is nowhere."""
        anchor = self._anchor or ()
        return len(positions_rad) == len(anchor) and all(
            abs(position - was) <= self._most_rad
            for position, was in zip(positions_rad, anchor, strict=True)
        )
