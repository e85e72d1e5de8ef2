"""Draws what an endurance run showed, over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from bridge_ros.lab.endurance.sentence_run import SentenceRun


def draw_endurance(turns: Sequence[SentenceRun], path: Path) -> None:
    """Sentences and how they ended, the targets' period, memory and handles of every node."""
    if not turns:
        return
    minutes = np.array([turn.at_s / 60.0 for turn in turns])
    success = np.array([turn.success for turn in turns])
    seconds = np.array([turn.seconds for turn in turns])
    figure, (tasks, period, memory, handles) = plt.subplots(
        4, 1, figsize=(9, 10), sharex=True, height_ratios=(1.2, 1.0, 1.4, 1.4)
    )
    tasks.plot(minutes[success], seconds[success], "o", color="C2", label="done")
    tasks.plot(minutes[~success], seconds[~success], "x", color="C3", label="failed")
    tasks.set_ylabel("sentence takes [s]")
    tasks.set_ylim(bottom=0.0)
    tasks.legend(loc="lower right", fontsize=8)
    tasks.set_title(f"{int(success.sum())} of {len(turns)} sentences done")
    moved = [turn for turn in turns if turn.timing.count > 1]
    moved_at = [turn.at_s / 60.0 for turn in moved]
    gaps = [turn.timing.longest_gap_ms for turn in moved]
    errors = [turn.timing.period_error_p99_ms for turn in moved]
    period.plot(moved_at, gaps, ".-", color="C1", label="longest gap")
    period.plot(moved_at, errors, ".-", color="C0", label="error of the period, p99")
    period.set_ylabel("20 Hz targets [ms]")
    period.set_ylim(bottom=0.0)
    period.legend(loc="center right", fontsize=8)
    for name in turns[0].processes:
        figures = [turn.processes[name] for turn in turns]
        memory.plot(minutes, [f.memory_mb for f in figures], ".-", label=name)
        handles.plot(minutes, [f.handles for f in figures], ".-", label=name)
    memory.set_ylabel("memory [MB]")
    memory.set_ylim(bottom=0.0)
    memory.set_ylim(top=1.4 * memory.get_ylim()[1])
    memory.legend(loc="upper right", fontsize=8, ncols=3)
    handles.set_ylabel("open handles")
    handles.set_ylim(bottom=0.0, top=1.1 * handles.get_ylim()[1])
    handles.set_xlabel("minutes")
    handles.set_xlim(-0.5, minutes[-1] + 0.5)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
