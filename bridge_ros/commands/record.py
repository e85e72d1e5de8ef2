"""`bridge-ros record`: an episode of what the graph says, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from bridge_ros.errors import ConfigError
from bridge_ros.lab.recording.settings import RecordSettings

if TYPE_CHECKING:
    from bridge_ros.lab.recording.recorder import EpisodeRecorder, Progress
    from bridge_ros.lab.recording.recording_node import RecordingNode

DESCRIPTION = """\
Record an episode: RGB-D, states, targets, plan, trajectory and status, as MCAP with ROS 2 schemas.
What was heard is on the disk half a second later; a recorder that is killed loses only that."""
EXAMPLES = """\
examples:
  bridge-ros record                           # until Ctrl-C, as runs/episodes/episode-0001.mcap
  bridge-ros record --task                    # until the next sentence is carried out
  bridge-ros record --seconds 30 --out ~/data/toys

exit status:
  0  the episode is complete
  1  it could not be begun, or ended early (disk full); what was saved before can be read
  3  it is complete, but some messages were dropped: too slow a disk or computer
  any other, or a signal: what was saved up to half a second before can be read"""

_DROPPED = 3
_CLOSE_TIMEOUT_S = 30.0
_AFTER_TASK_S = 1.0
_HEAR_THE_REST_S = 3.0
_SAY_EVERY_S = 0.5
_LOG_EVERY_S = 10.0
_MISSING_AFTER_S = 3.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path("runs/episodes"), help="folder of episodes (%(default)s)"
    )
    parser.add_argument("--task", action="store_true", help="end with the next task's end")
    parser.add_argument("--seconds", type=float, metavar="S", help="end after this long")
    parser.add_argument(
        "--config", default="config/record.yaml", help="topics and settings (%(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Record one episode; see EXAMPLES for the exit status."""
    settings = RecordSettings.load(arguments.config)
    ensure_mcap()
    from bridge_ros.deploy.supervisor import ros_environment

    os.environ.update(ros_environment())
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    from bridge_ros.lab.recording.episode_folder import create_episode
    from bridge_ros.lab.recording.recorder import EpisodeRecorder
    from bridge_ros.lab.recording.recording_node import RecordingNode
    from bridge_ros.priority import MIDDLEWARE_LEVEL, run_in_foreground, run_normally
    from bridge_ros.ros.executor import NodeExecutor

    # From here on Ctrl-C is the episode's proper end, not an error that breaks into its writing.
    ends: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ends.append(1))
    # Publishers keep one message: who is late for it has lost it. So the middleware and the hearing
    # go first, and the writing, which has a queue, is ordinary work.
    run_in_foreground(MIDDLEWARE_LEVEL)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = RecordingNode(settings.topics)
        run_normally()
        file = create_episode(arguments.out, compression=settings.compression)
        channels = node.announce(file.add_channel)
        recorder = EpisodeRecorder(
            file,
            commit_s=settings.commit_s,
            queue_mb=settings.queue_mb,
            min_free_mb=settings.min_free_mb,
        )
        run_in_foreground()
        node.listen(recorder)
        executor = NodeExecutor()
        executor.add_node(node)
        screen = _Screen(file.path, node, recorder)
        while not (ends or recorder.progress.trouble or screen.is_over(arguments)):
            executor.spin_once(timeout_sec=0.1)
            screen.update()
        _hear_the_rest(node, partial(executor.spin_once, timeout_sec=0.02))
        progress = recorder.close(_CLOSE_TIMEOUT_S)
        executor.shutdown()
        node.destroy_node()
    finally:
        rclpy.try_shutdown()
    return screen.report(progress, channels)


def _hear_the_rest(node: RecordingNode, spin: Callable[[], None]) -> None:
    """Take up what the middleware has for us already; what is said after this is not waited for."""
    deadline_s = time.monotonic() + _HEAR_THE_REST_S
    heard = -1
    while heard != node.heard and time.monotonic() < deadline_s:
        heard = node.heard
        spin()


def ensure_mcap() -> None:
    """Raises ConfigError, saying what to do, unless the libraries for episodes are installed."""
    try:
        import mcap  # noqa: F401
    except ImportError as error:
        raise ConfigError(f"episodes: {error}; pip install 'bridge_ros[record]'") from error


class _Screen:
    """What the person at the terminal sees of a recording."""

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

    def is_over(self, arguments: argparse.Namespace) -> bool:
        """Whether the time is up, or the task is done for a second."""
        now_s = time.monotonic()
        if self._task_ended_s is None and self._node.tasks_ended:
            self._task_ended_s = now_s
        if arguments.task and self._task_ended_s is not None:
            return now_s - self._task_ended_s > _AFTER_TASK_S
        return arguments.seconds is not None and now_s - self._began_s > arguments.seconds

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
