"""`bridge-ros export`: episodes as a LeRobot dataset, or a cut one as a whole file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from bridge_ros.errors import BridgeError, ConfigError

DESCRIPTION = """\
Turn episodes into a LeRobot dataset (layout v3.0, images inside the tables): state is the measured
pose, gripper width and joints, action the target pose and width, all in the base frame, at the
control rate. Or, with --format mcap, turn an episode whose recorder was killed into a complete
file, as `ros2 bag` and Foxglove want it."""
EXAMPLES = """\
examples:
  bridge-ros export runs/episodes --out runs/dataset
  bridge-ros export episode-0001.mcap episode-0004.mcap --out runs/dataset --task "pick up the cube"
  bridge-ros export runs/episodes/episode-0003.mcap --format mcap --out runs/whole.mcap"""

Say = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    parser.add_argument("episodes", nargs="+", type=Path, help="episodes, or folders of them")
    parser.add_argument("--out", type=Path, required=True, help="a new folder, or file")
    parser.add_argument("--format", choices=("lerobot", "mcap"), default="lerobot")
    parser.add_argument("--fps", type=int, default=20, help="frames a second (%(default)s)")
    parser.add_argument("--task", help="the sentence of episodes that have none")


def run(arguments: argparse.Namespace) -> int:
    """Export; 1 if an episode had to be left out."""
    from bridge_ros.commands.terminal import Terminal
    from bridge_ros.lab.recording.libraries import ensure_mcap

    ensure_mcap()
    if not 1 <= arguments.fps <= 100:
        raise ConfigError(f"--fps: expected 1 to 100, got {arguments.fps}")
    from bridge_ros.lab.recording.episode_folder import episodes_in

    paths = [
        path
        for given in arguments.episodes
        for path in (episodes_in(given) if given.is_dir() else [given])
    ]
    if not paths:
        raise ConfigError(f"export: expected episodes in {arguments.episodes}, found none")
    export = _to_lerobot if arguments.format == "lerobot" else _to_mcap
    return export(paths, arguments, Terminal().event)


def _to_lerobot(paths: list[Path], arguments: argparse.Namespace, say: Say) -> int:
    from bridge_ros.lab.recording.lerobot import LeRobotDataset
    from bridge_ros.lab.recording.recorded_episode import RecordedEpisode
    from bridge_ros.lab.recording.recorded_frames import ACTION_NAMES, STATE_NAMES, read_frames

    dataset = LeRobotDataset(
        arguments.out, fps=arguments.fps, state_names=STATE_NAMES, action_names=ACTION_NAMES
    )
    left_out = 0
    for path in paths:
        episode = RecordedEpisode(path)
        try:
            frames = read_frames(episode, fps=arguments.fps, task=arguments.task)
        except BridgeError as error:
            left_out += 1
            say(f"left out: {error}")
            continue
        dataset.add(frames)
        cut = f"; {episode.cut}" if episode.cut else ""
        say(f"{path}: {len(frames.states)} frames, {len(frames.images)} images{cut}")
    dataset.finish()
    say(f"{arguments.out}: {len(paths) - left_out} episodes")
    return 1 if left_out else 0


def _to_mcap(paths: list[Path], arguments: argparse.Namespace, say: Say) -> int:
    from bridge_ros.lab.recording.recorded_episode import RecordedEpisode, copy_whole

    if len(paths) != 1:
        raise ConfigError(f"--format mcap: expected one episode, got {len(paths)}")
    episode = RecordedEpisode(paths[0])
    count = copy_whole(episode, arguments.out)
    say(
        f"{arguments.out}: {count} messages" + (f"; the original {episode.cut}" * bool(episode.cut))
    )
    return 0
