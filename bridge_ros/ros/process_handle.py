"""Tells at once when another process of this machine has ended, however it did."""

from __future__ import annotations

import os
import re
import select
from pathlib import Path


def own_identity() -> str:
    """This process in words that every process of the machine can turn into a `ProcessHandle`."""
    return f"{_namespace()} {os.getpid()}"


class ProcessHandle:
    """A process as Linux's pidfd (pidfd_open(2)), which outlives it and is never another's.

    Of a process of another machine, or of a text that is no identity, nothing is known.

    Args:
        identity: what `own_identity` said in that process.
    """

    def __init__(self, identity: str) -> None:
        self._fd = -1
        self._ended = False
        namespace, _, number = identity.rpartition(" ")
        if namespace != _namespace() or re.fullmatch(r"[1-9][0-9]{0,8}", number) is None:
            return
        try:
            self._fd = os.pidfd_open(int(number))
        except ProcessLookupError:
            self._ended = True
        except OSError:
            return  # Neither an old kernel nor a sandbox has it.

    def ended(self) -> bool:
        """Whether it is known to have ended."""
        if self._fd >= 0 and not self._ended:
            watch = select.poll()
            watch.register(self._fd, select.POLLIN)
            self._ended = bool(watch.poll(0))
        return self._ended

    def close(self) -> None:
        """Let go of it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _namespace() -> str:
    """Within which process numbers mean the same: this boot of this machine, this container."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {os.readlink('/proc/self/ns/pid')}"
