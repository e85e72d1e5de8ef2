"""What a process holds: memory and file handles."""

from __future__ import annotations

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, kw_only=True)
class ProcessFigures:
    """What would be free again if the process ended.

    Attributes:
        memory_mb: memory of its own, 1e6 bytes (psutil's uss).
        handles: open files, sockets and the like.
    """

    memory_mb: float
    handles: int

    @classmethod
    def of(cls, pid: int) -> ProcessFigures:
        """Of a process as it is now; zeros for one that has ended."""
        try:
            process = psutil.Process(pid)
            memory_mb = round(process.memory_full_info().uss * 1e-6, 2)
            return cls(memory_mb=memory_mb, handles=process.num_fds())
        except psutil.Error:
            return cls(memory_mb=0.0, handles=0)
