"""Jaws without physics: they run to their goal at the asked speed, or to what lies between."""

from __future__ import annotations

import threading
from collections.abc import Callable


class RateLimitedJaws:
    """Kinematic stand-in for the simulated fingers; implements `sim.live.wsg_server.Jaws`.

    Args:
        clock: seconds, monotonic; read at every call, so that the jaws need no thread.
        width_m: initial opening.
        object_width_m: what stands between the fingers; they cannot close further than this.
    """

    def __init__(
        self, clock: Callable[[], float], *, width_m: float = 0.110, object_width_m: float = 0.0
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._width_m = width_m
        self._object_width_m = object_width_m
        self._goal_m = width_m
        self._max_speed_m_s = 0.0
        self._force_limit_n = 0.0
        self._updated_s = clock()

    def set_goal(self, width_m: float, speed_m_s: float, force_n: float) -> None:
        """See `Jaws`."""
        with self._lock:
            self._advance()
            self._goal_m, self._max_speed_m_s, self._force_limit_n = width_m, speed_m_s, force_n

    @property
    def width_m(self) -> float:
        """See `Jaws`."""
        with self._lock:
            self._advance()
            return self._width_m

    @property
    def speed_m_s(self) -> float:
        """See `Jaws`."""
        with self._lock:
            self._advance()
            return self._speed_m_s()

    @property
    def force_n(self) -> float:
        """See `Jaws`: the force limit while the jaws press on something."""
        with self._lock:
            self._advance()
            pressing = self._goal_m < self._object_width_m >= self._width_m
            return self._force_limit_n if pressing else 0.0

    @property
    def moving(self) -> bool:
        """See `Jaws`."""
        with self._lock:
            self._advance()
            return self._speed_m_s() != 0.0

    def _reachable_m(self) -> float:
        return max(self._goal_m, self._object_width_m)

    def _speed_m_s(self) -> float:
        error_m = self._reachable_m() - self._width_m
        if abs(error_m) < 1e-6:
            return 0.0
        return self._max_speed_m_s if error_m > 0 else -self._max_speed_m_s

    def _advance(self) -> None:
        now_s = self._clock()
        step_m = self._max_speed_m_s * (now_s - self._updated_s)
        self._updated_s = now_s
        error_m = self._reachable_m() - self._width_m
        self._width_m += min(max(error_m, -step_m), step_m)
