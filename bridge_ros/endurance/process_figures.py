"""What a process holds: memory, file handles and threads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ProcessFigures:
    """As Linux tells it (proc_pid_status(5), proc_pid_fd(5)).

    Attributes:
        memory_mb: resident memory that is no file's, 1e6 bytes.
        handles: open files, sockets and the like.
        threads: their number.
    """

    memory_mb: float
    handles: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> ProcessFigures:
        """Of a process as it is now; zeros for one that has ended."""
        folder = Path(f"/proc/{pid}")
        try:
            status = (folder / "status").read_text(encoding="ascii", errors="replace")
            handles = len(list((folder / "fd").iterdir()))
        except OSError:
            return cls(memory_mb=0.0, handles=0, threads=0)
        figures = dict(re.findall(r"^(\w+):\s+(\d+)", status, flags=re.MULTILINE))
        kilobytes = int(figures.get("RssAnon", 0)) + int(figures.get("RssShmem", 0))
        return cls(
            memory_mb=round(kilobytes * 1024e-6, 2),
            handles=handles,
            threads=int(figures.get("Threads", 0)),
        )
