"""Adds up how long the parts of a plan take, for whoever asks: `bridge-ros bench planner`."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager


class PartTimes:
    """A stopwatch with a dial a part.

    Attributes:
        seconds: of each part that was measured since the last `clear`, by name.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def clear(self) -> None:
        """Begin anew."""
        self.seconds.clear()

    def add(self, part: str, took_s: float) -> None:
        """Add to a part."""
        self.seconds[part] = self.seconds.get(part, 0.0) + took_s

    @contextmanager
    def part(self, name: str) -> Generator[None, None, None]:
        """Add what is done inside to a part, also when it ends with an exception."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, time.perf_counter() - began_s)


class PrefillClock:
    """Implements a streamer of transformers' `generate`, to know when the first token is there.

    Attributes:
        tokens: of the reply, so far.
        first_s: time of the first one, on `time.perf_counter`'s clock; None before it is there.
    """

    def __init__(self) -> None:
        self.first_s: float | None = None
        self.tokens = 0
        self._asked = False

    def put(self, tokens: object) -> None:
        """Called with the prompt first, and then with every token of the reply."""
        if not self._asked:
            self._asked = True
            return
        self.tokens += 1
        if self.first_s is None:
            self.first_s = time.perf_counter()

    def end(self) -> None:
        """Called at the end of a reply."""
