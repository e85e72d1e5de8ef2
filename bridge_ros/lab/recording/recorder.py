"""Writes an episode in a thread of its own, so that who hears messages never waits for a disk."""

from __future__ import annotations

import os
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bridge_ros.lab.recording.errors import EpisodeError

_SMALL_BYTES = 2**16
_SHARE_OF_LARGE = 0.9


class Sink(Protocol):
    """What an episode is written to; see `EpisodeFile`."""

    path: Path

    @property
    def committed_bytes(self) -> int: ...

    def write(self, channel: int, time_ns: int, data: bytes) -> None: ...

    def commit(self) -> None: ...

    def finish(self, dropped: Mapping[int, int] | None = None) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a recording is doing.

    Attributes:
        saved: messages that are on the disk. waiting: those that are not yet.
        megabytes: size of the file.
        dropped: messages by channel that were not recorded, because the disk was too slow.
        trouble: why nothing more can be written; empty while all is well.
        finished: the file is complete, with its index.
    """

    saved: int
    waiting: int
    megabytes: float
    dropped: Counter[int] = field(default_factory=Counter)
    trouble: str = ""
    finished: bool = False


class EpisodeRecorder:
    """Takes messages at once, and writes them soon.

    What waits for the disk is bounded. When the bound is near, large messages (images) are dropped,
    and at the bound small ones, too: states survive a disk that is too slow for images.
    """

    def __init__(
        self, sink: Sink, *, commit_s: float, queue_mb: float, min_free_mb: float = 0.0
    ) -> None:
        self._sink = sink
        self._commit_s = commit_s
        self._bound = round(queue_mb * 1e6)
        self._min_free_mb = min_free_mb
        self._lock = threading.Condition()
        self._queue: deque[tuple[int, int, bytes]] = deque()
        self._unsaved_bytes = 0
        self._unsaved = 0
        self._saved = 0
        self._dropped: Counter[int] = Counter()
        self._trouble = ""
        self._closing = self._finished = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def progress(self) -> Progress:
        """How it is going, at this moment."""
        with self._lock:
            return Progress(
                saved=self._saved,
                waiting=self._unsaved,
                megabytes=self._sink.committed_bytes / 1e6,
                dropped=self._dropped.copy(),
                trouble=self._trouble,
                finished=self._finished,
            )

    def put(self, channel: int, time_ns: int, data: bytes) -> None:
        """Hand in a message; returns at once, whatever the disk does."""
        bound = self._bound if len(data) <= _SMALL_BYTES else self._bound * _SHARE_OF_LARGE
        with self._lock:
            if self._closing or self._trouble:
                return
            if self._unsaved_bytes + len(data) > bound:
                self._dropped[channel] += 1
                return
            self._queue.append((channel, time_ns, data))
            self._unsaved_bytes += len(data)
            self._unsaved += 1

    def close(self, timeout_s: float) -> Progress:
        """Write what waits, finish the file, and tell how it ended."""
        with self._lock:
            self._closing = True
            self._lock.notify()
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            with self._lock:
                self._trouble = (
                    f"{self._sink.path}: the disk has not answered for {timeout_s:g} s; what was "
                    "committed before can be read"
                )
        return self.progress

    def _run(self) -> None:
        try:
            while not self._finished:
                batch, closing = self._wait_for_messages()
                for channel, time_ns, data in batch:
                    self._sink.write(channel, time_ns, data)
                if closing:
                    self._sink.finish(self.progress.dropped)
                else:
                    self._sink.commit()
                with self._lock:
                    self._saved += len(batch)
                    self._unsaved -= len(batch)
                    self._unsaved_bytes -= sum(len(data) for _, _, data in batch)
                    self._finished = closing
                self._check_free_space()
        except EpisodeError as error:
            with self._lock:
                self._trouble = str(error)
        finally:
            with self._lock:
                if not (self._finished or self._trouble):
                    self._trouble = f"{self._sink.path}: the writer crashed, its trace is above"
            self._sink.close()

    def _wait_for_messages(self) -> tuple[list[tuple[int, int, bytes]], bool]:
        """What came in until the next commit is due, and whether nothing more will."""
        with self._lock:
            self._lock.wait_for(lambda: self._closing, timeout=self._commit_s)
            batch, closing = list(self._queue), self._closing
            self._queue.clear()
        return batch, closing

    def _check_free_space(self) -> None:
        if self._finished or not self._min_free_mb:
            return
        usage = os.statvfs(self._sink.path.parent)
        free_mb = usage.f_bavail * usage.f_frsize / 1e6
        if free_mb < self._min_free_mb:
            self._sink.finish(self.progress.dropped)
            with self._lock:
                self._finished = True
                self._trouble = (
                    f"only {free_mb:.0f} MB are left on the disk, expected {self._min_free_mb:g}: "
                    "the episode was ended; it is complete up to here"
                )
