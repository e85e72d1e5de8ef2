"""What a person sees in the terminal: live progress of the stages, reports, findings."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from bridge_ros.deploy.doctor import Finding
from bridge_ros.errors import BridgeError
from bridge_ros.status import ExpertState, Source

_SUMMARY_ROWS = (
    ("outcome", "the system says"),
    ("judged", "the simulator says"),
    ("seconds", "seconds for the task"),
    ("targets_published", "targets published"),
    ("rate_hz", "rate [Hz]"),
    ("period_error_p99_ms", "period error p99 [ms]"),
    ("longest_gap_ms", "longest gap [ms]"),
    ("targets_refused", "targets refused"),
    ("camera_to_target_p50_ms", "camera to target p50 [ms]"),
    ("camera_to_target_p99_ms", "camera to target p99 [ms]"),
)


def ask_before_motion(verb: str, what: str, *, yes: bool) -> None:
    """Say what the arm will do by itself, and wait for Enter, unless `yes` was said before.

    Raises:
        BridgeError: where nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise BridgeError(
            f"{verb}: the arm would move by itself: say --yes if everybody is out of its reach"
        )
    input(
        f"The arm will move by itself, {what}.\nClear its way, keep the stop button in your hand, "
        "and press Enter (Ctrl-C: no). "
    )


class Terminal:
    """Progress bars, one a stage, under a running log of events; a context manager while live."""

    def __init__(self) -> None:
        self._console = Console()
        self._progress = Progress(
            TextColumn("  {task.description:<34.34}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._bars: dict[str, TaskID] = {}
        self._subgoals: dict[str, str] = {}
        self._said: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> Terminal:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def event(self, text: str) -> None:
        """One line about what happened."""
        self._progress.console.print(f"[bold cyan]bridge-ros[/] {escape(text)}")

    def status(self, status: Any) -> None:
        """Show a TaskStatus: the expert's as a bar, and what others say when it is new."""
        if status.source == Source.PLANNER and status.plan_id:
            self._subgoals[status.plan_id] = f"{status.stage + 1}. {status.subgoal}"
        expert = ExpertState.read(status.state) if status.source == Source.EXPERT else None
        if expert is not None and (expert is ExpertState.FOLLOWING or expert.outcome):
            self._bar(status, ended=expert.outcome is not None)
        said = (status.state, status.message)
        if status.source in (Source.PLANNER, Source.CONTROLLER) and said != self._said.get(
            status.source
        ):
            self._said[status.source] = said
            if status.message:
                self.event(f"{status.source}: {status.state} - {status.message}")

    def report(self, summary: dict[str, Any], out: Path) -> None:
        """The table at a demo's end, and where its files lie."""
        table = Table(title=f"“{summary['sentence']}” (seed {summary['seed']})", show_header=False)
        for key, label in _SUMMARY_ROWS:
            table.add_row(label, escape(str(summary.get(key))))
        self._console.print(table)
        verdict = "[bold green]success[/]" if summary["success"] else "[bold red]failure[/]"
        self._console.print(f"{verdict}: {escape(summary['message'])}")
        self._console.print(f"pictures and figures are in {escape(str(out))}/", highlight=False)

    def findings(self, findings: Sequence[Finding]) -> int:
        """The doctor's table; returns the exit status: 1 if anything needed is missing."""
        table = Table("", "what", "found", "what to do")
        marks = {"ok": "[green]ok[/]", "optional": "[yellow]–[/]", "missing": "[red]missing[/]"}
        for finding in findings:
            table.add_row(marks[finding.level], *map(escape, finding.row()))
        self._console.print(table)
        missing = [finding.what for finding in findings if finding.level == "missing"]
        if missing:
            self._console.print(f"[bold red]not ready[/]: {escape(', '.join(missing))}")
            return 1
        self._console.print("[bold green]ready[/]: everything that is needed is here")
        return 0

    def _bar(self, status: Any, *, ended: bool) -> None:
        if status.plan_id not in self._bars:
            description = self._subgoals.get(status.plan_id, f"{status.stage + 1}.")
            self._bars[status.plan_id] = self._progress.add_task(
                escape(description), total=1.0, state=status.state
            )
        bar = self._bars[status.plan_id]
        done = 1.0 if ended else status.progress
        self._progress.update(bar, completed=done, state=status.state)
        if ended:
            self._progress.stop_task(bar)
