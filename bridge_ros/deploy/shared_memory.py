"""Shared memory that processes left behind when they were killed."""

from __future__ import annotations

import fcntl
import re
from pathlib import Path

_FOLDER = Path("/dev/shm")
_LOCK = re.compile(r"(?P<name>fast(?:dds|rtps)_\w+)_[es]l")


def remove_orphans(folder: Path = _FOLDER) -> list[str]:
    """Remove Fast DDS's segments and ports whose process is gone; returns their names.

    A living process holds a lock on the file beside each (`<name>_el`, or `_sl` where several
    share it), and the system lets go of it when the process ends, however it does.
    """
    removed = []
    for lock in sorted(folder.glob("fast*_[es]l")):
        match = _LOCK.fullmatch(lock.name)
        if match is None:
            continue
        try:
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for name in (match["name"], f"sem.{match['name']}_mutex", lock.name):
                    (folder / name).unlink(missing_ok=True)
        except OSError:
            continue  # In use, or of another user.
        removed.append(match["name"])
    return removed
