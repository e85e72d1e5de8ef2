"""Counts what the control loop did: rate, period error, gaps, and latency from camera to target."""

from __future__ import annotations

from collections import deque

import numpy as np

_KEPT = 2000


class LoopStatistics:
    """Figures over the last minutes of publishing; pauses between tasks do not count as gaps."""

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._intervals_s: deque[float] = deque(maxlen=_KEPT)
        self._latencies_s: deque[float] = deque(maxlen=_KEPT)
        self._inferences_s: deque[float] = deque(maxlen=_KEPT)
        self._last_s: float | None = None
        self.targets = 0

    def published(self, now_s: float) -> None:
        """A target was published."""
        if self._last_s is not None:
            self._intervals_s.append(now_s - self._last_s)
        self._last_s = now_s
        self.targets += 1

    def paused(self) -> None:
        """Publishing ended on purpose: the time until the next target is not a gap."""
        self._last_s = None

    def used_cloud(self, latency_s: float) -> None:
        """The first target that used a frame was published this long after the frame's stamp."""
        self._latencies_s.append(latency_s)

    def inferred(self, duration_s: float) -> None:
        """A chunk took this long from its observation to its hand-over."""
        self._inferences_s.append(duration_s)

    def summary(self) -> dict[str, float]:
        """Figures by name; those without data are left out."""
        figures: dict[str, float] = {"targets": float(self.targets)}
        if self._intervals_s:
            intervals = np.array(self._intervals_s)
            errors_ms = np.abs(intervals - self._period_s) * 1000
            figures |= {
                "rate_hz": float(1.0 / intervals.mean()),
                "period_error_p50_ms": float(np.percentile(errors_ms, 50)),
                "period_error_p99_ms": float(np.percentile(errors_ms, 99)),
                "longest_gap_ms": float(intervals.max() * 1000),
            }
        for name, values in (
            ("camera_to_target", self._latencies_s),
            ("inference", self._inferences_s),
        ):
            if values:
                milliseconds = np.array(values) * 1000
                figures[f"{name}_p50_ms"] = float(np.percentile(milliseconds, 50))
                figures[f"{name}_p99_ms"] = float(np.percentile(milliseconds, 99))
        return figures
