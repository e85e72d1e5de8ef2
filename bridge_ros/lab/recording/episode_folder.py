"""Numbered episodes in a folder; a number is given once."""

from __future__ import annotations

import re
from pathlib import Path

from bridge_ros.lab.recording.episode_file import EpisodeFile
from bridge_ros.lab.recording.errors import EpisodeError

_NAME = re.compile(r"episode-(\d+)\.mcap")


def episodes_in(folder: Path) -> list[Path]:
    """The episodes of a folder in their order."""
    numbered = {file: _NAME.fullmatch(file.name) for file in folder.glob("episode-*.mcap")}
    return sorted(
        (file for file, match in numbered.items() if match),
        key=lambda file: int(numbered[file][1]),  # type: ignore[index]
    )


def create_episode(folder: Path, *, compression: str = "lz4") -> EpisodeFile:
    """A new file with the number after the highest there.

    Raises:
        EpisodeError: if the folder, or a file in it, cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EpisodeError(f"{folder}: cannot be created: {error.strerror}") from error
    while True:
        episodes = episodes_in(folder)
        last = _NAME.fullmatch(episodes[-1].name) if episodes else None
        number = int(last[1]) + 1 if last else 1
        try:
            return EpisodeFile(folder / f"episode-{number:04d}.mcap", compression=compression)
        except FileExistsError:
            # Another recorder was faster; its file is seen the next time.
            continue
