"""`bridge-ros record`: an episode of what the graph says, until Ctrl-C."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_CLOSE_TIMEOUT_S = 30.0
_HEAR_THE_REST_S = 3.0


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
    from bridge_ros.deploy.supervisor import enter_ros_environment
    from bridge_ros.lab.recording.libraries import ensure_mcap
    from bridge_ros.lab.recording.recording_settings import RecordingSettings

    settings = RecordingSettings.load(arguments.config)
    ensure_mcap()

    enter_ros_environment()
    from bridge_ros.commands.recording_screen import RecordingScreen
    from bridge_ros.graph import GraphSession
    from bridge_ros.lab.recording.episode_folder import create_episode
    from bridge_ros.lab.recording.recorder import EpisodeRecorder
    from bridge_ros.lab.recording.recording_node import RecordingNode
    from bridge_ros.priority import run_in_foreground

    # Ctrl-C is the episode's proper end, not an error that breaks into its writing.
    with GraphSession(partial(RecordingNode, settings.topics), catch_signals=True) as session:
        node = session.node
        file = create_episode(arguments.out, compression=settings.compression)
        channels = node.announce(file.add_channel)
        recorder = EpisodeRecorder(
            file,
            commit_s=settings.commit_s,
            queue_mb=settings.queue_mb,
            min_free_mb=settings.min_free_mb,
        )
        # Publishers keep one message: who is late for it has lost it. So the hearing goes first,
        # and the writing, which has a queue, is ordinary work.
        run_in_foreground()
        node.listen(recorder)
        screen = RecordingScreen(file.path, node, recorder)
        over = partial(screen.is_over, with_task=arguments.task, seconds=arguments.seconds)
        while not (session.asked_to_end or recorder.progress.trouble or over()):
            session.spin_once(0.1)
            screen.update()
        _hear_the_rest(node, partial(session.spin_once, 0.02))
        progress = recorder.close(_CLOSE_TIMEOUT_S)
    return screen.report(progress, channels)


def _hear_the_rest(node: RecordingNode, spin: Callable[[], None]) -> None:
    """Take up what the middleware has for us already; what is said after this is not waited for."""
    deadline_s = time.monotonic() + _HEAR_THE_REST_S
    heard = -1
    while heard != node.heard and time.monotonic() < deadline_s:
        heard = node.heard
        spin()
