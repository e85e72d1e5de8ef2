"""Where the machine's processor time goes, so that a late target can be told from a loud host."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_STAT = Path("/proc/stat")


@dataclass(frozen=True)
class ProcessorTime:
    """Processor time of all processors since boot, in the kernel's ticks (proc_stat(5)).

    Attributes:
        total: all of it, whatever it went to.
        idle: what nobody asked for.
        stolen: what the host of a virtual machine gave to others meanwhile.
    """

    total: int
    idle: int
    stolen: int

    @classmethod
    def now(cls) -> ProcessorTime:
        """As of now; a kernel that does not count leaves zeros."""
        try:
            line = _STAT.read_text(encoding="ascii").partition("\n")[0]
            user, nice, system, idle, iowait, irq, softirq, steal = map(int, line.split()[1:9])
        except (OSError, ValueError):
            return cls(total=0, idle=0, stolen=0)
        total = user + nice + system + idle + iowait + irq + softirq + steal
        return cls(total=total, idle=idle + iowait, stolen=steal)

    def shares_since(self, before: ProcessorTime) -> dict[str, float]:
        """Which shares of the time since `before` were idle, and were stolen; from 0 to 1."""
        total = max(1, self.total - before.total)
        return {
            "idle": round((self.idle - before.idle) / total, 3),
            "stolen": round((self.stolen - before.stolen) / total, 3),
        }
