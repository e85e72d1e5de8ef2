"""`bridge-ros replay`: an episode as a plot, or fed back to the graph."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge_ros.errors import BridgeError

if TYPE_CHECKING:
    from bridge_ros.lab.recording.recorded_episode import RecordedEpisode

DESCRIPTION = """\
Plot what was commanded and what the arm did, or feed an episode's topics back to the graph, at the
pace at which they were recorded and stamped as if they were said now. By itself it plays nothing
but the camera; a plan makes the arm move, and targets do so directly: both must be asked for."""
EXAMPLES = """\
examples:
  bridge-ros replay runs/episodes/episode-0001.mcap             # draws episode-0001.png beside it
  bridge-ros replay EPISODE --topics                            # the camera, in place of its node
  bridge-ros replay EPISODE --topics camera plan               # the arm carries the plans out again
  bridge-ros replay EPISODE --topics targets --move-the-arm     # every target, as it was sent"""

Say = Callable[[str], None]

_GROUPS = ("camera", "plan", "targets")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("episode", type=Path)
    parser.add_argument("--out", type=Path, help="the plot (default: beside the episode, as .png)")
    parser.add_argument(
        "--topics",
        nargs="*",
        choices=_GROUPS,
        metavar="GROUP",
        help=f"feed these back: {', '.join(_GROUPS)} (camera, if none is named)",
    )
    parser.add_argument(
        "--move-the-arm",
        action="store_true",
        help="needed for targets: nobody has looked whether they fit the scene as it is now",
    )


def run(arguments: argparse.Namespace) -> int:
    """Plot, or play."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.deploy.supervisor import enter_ros_environment
    from bridge_ros.lab.recording.libraries import ensure_mcap

    # Before rclpy is imported: the nodes' own middleware settings.
    enter_ros_environment()
    ensure_mcap()
    from bridge_ros.lab.recording.recorded_episode import RecordedEpisode

    episode = RecordedEpisode(arguments.episode)
    say = Terminal().event
    use = _plot if arguments.topics is None else _play
    code = use(episode, arguments, say)
    if episode.cut:
        say(f"{episode.path} {episode.cut}; its recorder was killed, or the disk was full")
    return code


def _plot(episode: RecordedEpisode, arguments: argparse.Namespace, say: Say) -> int:
    from bridge_ros.lab.evaluation.motion_plot import draw_motion
    from bridge_ros.lab.recording.recorded_motion import read_motion

    motion = read_motion(episode)
    out = arguments.out or episode.path.with_suffix(".png")
    if not len(motion.commanded.times_s):
        raise BridgeError(f"{episode.path}: holds no targets to plot; did the arm move?")
    sentences = list(dict.fromkeys(sentence for _, sentence in motion.sentences))
    title = ", ".join(f"“{sentence}”" for sentence in sentences) or "driven by hand"
    draw_motion(
        motion.commanded, motion.measured, motion.marks, out, title=f"{episode.path.name}: {title}"
    )
    say(f"{out}: {len(motion.commanded.times_s)} targets, {title}")
    return 0


def _play(episode: RecordedEpisode, arguments: argparse.Namespace, say: Say) -> int:
    from bridge_ros.lab.recording.episode_player import CAMERA, TARGETS, play
    from bridge_ros.ros import topics

    groups = {"camera": CAMERA, "plan": (topics.PLAN,), "targets": TARGETS}
    asked = arguments.topics or ["camera"]
    if "targets" in asked and not arguments.move_the_arm:
        raise BridgeError(
            "replay: targets move the arm, as they did then and in whatever is there now; "
            "say --move-the-arm if that is what you want"
        )
    names = [name for group in asked for name in groups[group]]
    say(f"playing {', '.join(names)}; Ctrl-C ends it")
    if "targets" in asked:
        say("the arm moves as the targets say, if the controller lets it")
    elif "plan" in asked:
        say("the arm moves: each plan is carried out from where it is now")
    for name, count in play(episode, names).items():
        say(f"{name}: {count} messages")
    return 0
