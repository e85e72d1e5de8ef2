"""How regularly something arrives: the last periods of a stream."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np


class PeriodStatistics:
    """Keeps the last periods between events; any thread may add and read.

    Args:
        count: how many periods are kept.
        pause_s: a longer silence starts a new stream instead of counting as a period.
    """

    def __init__(self, *, count: int = 200, pause_s: float = 1.0) -> None:
        self._periods_s: deque[float] = deque(maxlen=count)
        self._pause_s = pause_s
        self._last_s: float | None = None
        self._lock = threading.Lock()

    def add(self, now_s: float) -> None:
        """Note an event."""
        with self._lock:
            if self._last_s is not None and 0.0 <= now_s - self._last_s <= self._pause_s:
                self._periods_s.append(now_s - self._last_s)
            self._last_s = now_s

    def figures(self) -> dict[str, float]:
        """Mean, 99th percentile and longest period [ms]; empty before there are any."""
        with self._lock:
            periods_ms = np.array(self._periods_s) * 1e3
        if not len(periods_ms):
            return {}
        return {
            "mean_ms": float(periods_ms.mean()),
            "p99_ms": float(np.percentile(periods_ms, 99)),
            "max_ms": float(periods_ms.max()),
        }
