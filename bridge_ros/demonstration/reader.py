"""What reads demonstrations of one form, and the demonstrations of a folder in any form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bridge_ros.demonstration.demonstration import Demonstration
from bridge_ros.errors import ConfigError


class DemonstrationReader(Protocol):
    """Reads demonstrations that lie on disk in one form."""

    def find(self, folder: Path) -> list[Path]:
        """Those in a folder, in their order."""

    def read(self, path: Path) -> Demonstration:
        """Read one, but not its images. Raises BridgeError naming what is missing or malformed."""


def find_all(
    folder: Path, readers: Sequence[DemonstrationReader]
) -> list[tuple[DemonstrationReader, Path]]:
    """The demonstrations of a folder, each with the reader for its form.

    Raises:
        ConfigError: if there is none, or two have one name.
    """
    found = [(reader, path) for reader in readers for path in reader.find(folder)]
    if not found:
        raise ConfigError(
            f"{folder}: expected demonstrations, as folders with episode.json or recorded as "
            "episode-0001.mcap, found none"
        )
    names = [path.stem if path.is_file() else path.name for _, path in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"{folder}: expected each name once, found {twice} twice")
    return found
