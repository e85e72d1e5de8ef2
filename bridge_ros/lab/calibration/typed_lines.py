"""Lines from the keyboard, waited for in a thread of their own."""

from __future__ import annotations

import queue
import sys
import threading

_MOMENT_S = 0.5


class TypedLines:
    """What is typed while something else goes on."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, name="keyboard", daemon=True).start()

    def read(self) -> str | None:
        """A line without its end; None if nothing was typed within a moment, q at the end."""
        try:
            return self._lines.get(timeout=_MOMENT_S)
        except queue.Empty:
            return None

    def _listen(self) -> None:
        for line in sys.stdin:
            self._lines.put(line.rstrip("\n"))
        self._lines.put("q")
