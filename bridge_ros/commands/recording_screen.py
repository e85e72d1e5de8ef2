"""What the person at the terminal sees of a recording."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from bridge_ros.lab.recording.recorder import EpisodeRecorder, Progress
    from bridge_ros.lab.recording.recording_node import RecordingNode

_DROPPED = 3
_AFTER_TASK_S = 1.0
_SAY_EVERY_S = 0.5
_LOG_EVERY_S = 10.0
_MISSING_AFTER_S = 3.0


class RecordingScreen:
    """A line that is kept up to date, and a log of what needs saying."""

    def __init__(self, path: Path, node: RecordingNode, recorder: EpisodeRecorder) -> None:
        self._path = path
        self._node = node
        self._recorder = recorder
        self._console = Console()
        self._began_s = time.monotonic()
        self._said_s = self._logged_s = self._began_s
        self._task_ended_s: float | None = None
        self._warned = False
        self._status = self._console.status("")
        self._say(f"recording {path}; Ctrl-C ends it")
        self._status.start()

    def is_over(self, *, with_task: bool, seconds: float | None) -> bool:
        """Whether the time is up, or, with the task, it is done for a second."""
        now_s = time.monotonic()
        if self._task_ended_s is None and self._node.tasks_ended:
            self._task_ended_s = now_s
        if with_task and self._task_ended_s is not None:
            return now_s - self._task_ended_s > _AFTER_TASK_S
        return seconds is not None and now_s - self._began_s > seconds

    def update(self) -> None:
        """Show how it is going, now and then."""
        now_s = time.monotonic()
        if now_s - self._said_s < _SAY_EVERY_S:
            return
        self._said_s = now_s
        progress = self._recorder.progress
        text = self._in_words(progress)
        self._status.update(escape(text))
        if not self._console.is_terminal and now_s - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now_s
            self._say(text)
        if not (self._warned or progress.saved) and now_s - self._began_s > _MISSING_AFTER_S:
            self._warned = True
            self._say("nothing is heard yet; is the graph running, in the same ROS_DOMAIN_ID?")

    def report(self, progress: Progress, channels: dict[int, str]) -> int:
        """Say how it ended; returns the exit status."""
        self._status.stop()
        self._say(self._in_words(progress))
        for channel, count in progress.dropped.items():
            self._say(
                f"dropped {count} of {channels[channel]}: the disk, or the computer, is too slow"
            )
        if progress.trouble:
            self._say(f"ended early: {progress.trouble}")
            return 1
        self._say(f"complete: {self._path}")
        return _DROPPED if progress.dropped else 0

    def _in_words(self, progress: Progress) -> str:
        words = [
            f"{time.monotonic() - self._began_s:.1f} s",
            f"{progress.saved} messages saved",
            f"{progress.megabytes:.1f} MB",
        ]
        if progress.dropped:
            words.append(f"{sum(progress.dropped.values())} DROPPED")
        if self._node.sentence:
            words.append(f"“{self._node.sentence}”")
        return ", ".join(words)

    def _say(self, text: str) -> None:
        self._console.print(f"[bold cyan]record[/] {escape(text)}", highlight=False, soft_wrap=True)
