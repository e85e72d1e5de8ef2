"""The executor of every node: rclpy's own, which then does not wake itself after every callback."""

from __future__ import annotations

import threading
from typing import Any

from rclpy.executors import SingleThreadedExecutor


class NodeExecutor(SingleThreadedExecutor):
    """Runs callbacks in the thread that made it.

    rclpy's executors trigger their guard condition before and after each callback, for threads that
    might wait meanwhile. With a single one that only makes the next wait return at once, with
    nothing to do, and building such a wait is most of what a message costs in Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self._guard: Any = _OthersBell(self._guard)


class _OthersBell:
    """A guard condition that the thread which waits for it cannot trigger."""

    def __init__(self, guard: Any) -> None:
        self._bell = guard
        self._waiting = threading.get_ident()

    def trigger(self) -> None:
        if threading.get_ident() != self._waiting:
            self._bell.trigger()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bell, name)
