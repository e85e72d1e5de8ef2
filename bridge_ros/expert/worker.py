"""Runs slow calls beside a fast loop: in a thread where time is real, at once where it is not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from bridge_ros.errors import BridgeError
from bridge_ros.priority import run_in_foreground

T = TypeVar("T")


class Worker(Protocol[T]):
    """Where jobs go, and where their results come from."""

    @property
    def busy(self) -> bool:
        """Whether a job waits or runs."""

    def submit(self, job: Callable[[], T]) -> None:
        """Ask for a job to be run; the newest one waiting replaces an older one."""

    def poll(self) -> T | None:
        """The newest result, once; None when there is none. Raises the BridgeError of a job."""

    def close(self) -> None:
        """End; safe to call more than once."""


class InlineWorker(Generic[T]):
    """Runs every job as it is submitted: for evaluation faster than real time, and for tests."""

    def __init__(self) -> None:
        self._outcome: T | BridgeError | None = None

    @property
    def busy(self) -> bool:
        return False

    def submit(self, job: Callable[[], T]) -> None:
        self._outcome = _run(job)

    def poll(self) -> T | None:
        outcome, self._outcome = self._outcome, None
        return _value(outcome)

    def close(self) -> None:
        self._outcome = None


class ThreadWorker(Generic[T]):
    """Runs jobs one after the other in a thread of its own; nothing here waits for it.

    Args:
        level: how far it goes before others; see `bridge_ros.priority`.
    """

    def __init__(self, name: str, level: int = 1) -> None:
        self._level = level
        self._condition = threading.Condition()
        self._job: Callable[[], T] | None = None
        self._outcome: T | BridgeError | None = None
        self._crash: Exception | None = None
        self._running = False
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        with self._condition:
            return self._running or self._job is not None

    def submit(self, job: Callable[[], T]) -> None:
        with self._condition:
            self._job = job
            self._condition.notify()

    def poll(self) -> T | None:
        """As in the protocol; a job that broke by a bug breaks the caller, too."""
        with self._condition:
            if self._crash is not None:
                raise RuntimeError(f"{self._thread.name}: a job crashed") from self._crash
            outcome, self._outcome = self._outcome, None
        return _value(outcome)

    def close(self) -> None:
        with self._condition:
            self._closed, self._job = True, None
            self._condition.notify()
        self._thread.join(timeout=5.0)

    def _loop(self) -> None:
        run_in_foreground(self._level)
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closed or self._job is not None)
                if self._closed:
                    return
                job, self._job, self._running = self._job, None, True
            assert job is not None
            try:
                outcome = _run(job)
            except Exception as error:
                with self._condition:
                    self._crash, self._running = error, False
                return
            with self._condition:
                self._outcome, self._running = outcome, False


def _run(job: Callable[[], T]) -> T | BridgeError:
    try:
        return job()
    except BridgeError as error:
        return error


def _value(outcome: T | BridgeError | None) -> T | None:
    if isinstance(outcome, BridgeError):
        raise outcome
    return outcome
