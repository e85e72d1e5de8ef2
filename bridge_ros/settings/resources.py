"""Finds the data that ships with the package: config, models, launch files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bridge_ros.errors import ConfigError


def share_dir() -> Path:
    """The folder that holds `config/` and `models/`: the source tree, or an install's share folder.

    Raises:
        ConfigError: if the package's data is not installed.
    """
    source = Path(__file__).resolve().parents[2]
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    candidates = [source] + [Path(p) / "share" / "bridge_ros" for p in [*prefixes, sys.prefix]]
    for candidate in candidates:
        if (candidate / "package.xml").is_file() and (candidate / "config").is_dir():
            return candidate
    raise ConfigError(
        "bridge_ros: its data (config, models) was not found; expected it in one of: "
        + ", ".join(map(str, candidates))
    )


def resource_path(path: str | Path) -> Path:
    """An absolute path as it is; a relative one from here, else from the share folder.

    Raises:
        ConfigError: if nothing is there.
    """
    given = Path(path).expanduser()
    for candidate in (given, share_dir() / given):
        if candidate.exists():
            return candidate.resolve()
    raise ConfigError(f"{path}: not found, neither here nor in {share_dir()}")
