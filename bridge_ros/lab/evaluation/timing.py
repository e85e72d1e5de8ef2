"""Figures of a periodic stream of messages, from their stamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class StreamTiming:
    """How well a stream kept its period.

    Attributes:
        count: number of messages.
        rate_hz: mean rate; 0 for fewer than two messages.
        period_error_p50_ms, period_error_p99_ms: quantiles of |interval - period|.
        longest_gap_ms: the longest interval.
    """

    count: int
    rate_hz: float
    period_error_p50_ms: float
    period_error_p99_ms: float
    longest_gap_ms: float

    @classmethod
    def of(cls, stamps_s: Sequence[float], *, period_s: float) -> StreamTiming:
        """The timing of messages stamped `stamps_s`, in the order in which they came."""
        intervals = np.diff(np.asarray(stamps_s, dtype=np.float64))
        if len(intervals) == 0:
            return cls(
                count=len(stamps_s),
                rate_hz=0.0,
                period_error_p50_ms=0.0,
                period_error_p99_ms=0.0,
                longest_gap_ms=0.0,
            )
        errors_ms = np.abs(intervals - period_s) * 1e3
        return cls(
            count=len(stamps_s),
            rate_hz=float(1.0 / intervals.mean()),
            period_error_p50_ms=float(np.quantile(errors_ms, 0.5)),
            period_error_p99_ms=float(np.quantile(errors_ms, 0.99)),
            longest_gap_ms=float(intervals.max() * 1e3),
        )
