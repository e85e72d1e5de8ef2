"""How long a call takes: quantiles of its times."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def quantiles(call: Callable[[], object], repeats: int) -> dict[str, float]:
    """p50 and p99 of a call's time [ms], after one call to warm up."""
    call()
    times_ms = []
    for _ in range(repeats):
        began_s = time.perf_counter()
        call()
        times_ms.append(1e3 * (time.perf_counter() - began_s))
    return summary(times_ms)


def summary(times_ms: list[float]) -> dict[str, float]:
    """p50 and p99 of times [ms]."""
    p50, p99 = np.quantile(times_ms, [0.5, 0.99])
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3)}
