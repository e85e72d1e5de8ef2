"""One sentence of many, and what all of them show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bridge_ros.lab.endurance.process_figures import ProcessFigures
from bridge_ros.lab.evaluation.timing import StreamTiming

_EDGE = 10
"""As many sentences, of those in which the arm moved, are the beginning and the end."""


@dataclass(frozen=True, kw_only=True)
class SentenceRun:
    """One sentence, and the deployment as it was afterwards.

    Attributes:
        at_s: since the first one.
        sentence: as given.
        success: the system says so, and the simulator's truth does.
        judged: what that truth is, for people.
        message: what the system said at the end.
        seconds: from the sentence to that.
        person: what a person had to do before it: services that were called.
        timing: of the targets.
        processes: memory and handles of every node's process, by name.
    """

    at_s: float
    sentence: str
    success: bool
    judged: str
    message: str
    seconds: float
    person: tuple[str, ...]
    timing: StreamTiming
    processes: Mapping[str, ProcessFigures]

    def __str__(self) -> str:
        verdict = "done" if self.success else f"FAILED, {self.judged}; said: {self.message}"
        return f"{self.sentence}: {verdict} ({self.seconds:.0f} s)"


def endurance_report(turns: Sequence[SentenceRun]) -> dict[str, Any]:
    """The figures: success, and what changed between the beginning and the end."""
    moved = [turn for turn in turns if turn.timing.count > 1]
    return {
        "sentences": len(turns),
        "succeeded": sum(turn.success for turn in turns),
        "first": _figures(moved[:_EDGE]),
        "last": _figures(moved[-_EDGE:]),
        "turns": [asdict(turn) for turn in turns],
    }


def _figures(turns: Sequence[SentenceRun]) -> dict[str, Any]:
    """Means over some sentences."""
    if not turns:
        return {}

    def mean(values: list[float]) -> float:
        return round(float(np.mean(values)), 2)

    return {
        "rate_hz": mean([turn.timing.rate_hz for turn in turns]),
        "period_error_p99_ms": mean([turn.timing.period_error_p99_ms for turn in turns]),
        "longest_gap_ms": mean([turn.timing.longest_gap_ms for turn in turns]),
        "seconds": mean([turn.seconds for turn in turns]),
        "memory_mb": {
            name: mean([turn.processes[name].memory_mb for turn in turns])
            for name in turns[0].processes
        },
        "handles": {
            name: mean([turn.processes[name].handles for turn in turns])
            for name in turns[0].processes
        },
    }
