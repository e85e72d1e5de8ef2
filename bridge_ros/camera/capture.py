"""Keeps a frame source running in a thread of its own, and starts it again whenever it fails."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bridge_ros.camera.frame import FrameSource, RGBDFrame
from bridge_ros.errors import BridgeError, ConfigError
from bridge_ros.settings.ranges import Positive, check_ranges
from bridge_ros.status import CameraState

_WINDOW = 60


@dataclass(frozen=True, kw_only=True)
class CaptureSettings:
    """Patience with a source.

    Attributes:
        read_timeout_s: a source that is silent for longer is started again.
        retry_min_s, retry_max_s: pause before it is; doubled after every failure in a row.
    """

    read_timeout_s: Positive = 2.0
    retry_min_s: Positive = 0.5
    retry_max_s: float = 5.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.retry_min_s <= self.retry_max_s:
            raise ConfigError(
                f"retry_max_s: expected at least retry_min_s, {self.retry_min_s}, "
                f"got {self.retry_max_s}"
            )


@dataclass(frozen=True, kw_only=True)
class CaptureReport:
    """How capture goes.

    Attributes:
        streaming: whether the last attempt to get a frame succeeded.
        trouble: why not.
        frames, dropped, restarts: counted since the beginning.
        rate_hz: over the last frames.
        stamp_s: of the newest frame; 0 before the first.
    """

    streaming: bool
    trouble: str
    frames: int
    dropped: int
    restarts: int
    rate_hz: float
    stamp_s: float

    def diagnostics(self, now_s: float) -> dict[str, object]:
        """For /diagnostics; the time is that of the frames' stamps."""
        figures: dict[str, object] = {
            "level": "ok" if self.streaming else "error",
            "message": self.trouble or CameraState.STREAMING,
            "rate [Hz]": self.rate_hz,
            "frames": self.frames,
            "dropped": self.dropped,
            "restarts": self.restarts,
        }
        if self.stamp_s > 0:
            figures["age [s]"] = now_s - self.stamp_s
        return figures


class Capture:
    """Runs a source from `start` to `close`; `on_frame` is called in the capture thread."""

    def __init__(
        self,
        make_source: Callable[[], FrameSource],
        on_frame: Callable[[RGBDFrame], None],
        settings: CaptureSettings | None = None,
    ) -> None:
        self._make_source = make_source
        self._on_frame = on_frame
        self._settings = settings or CaptureSettings()
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._stamps_s: deque[float] = deque(maxlen=_WINDOW)
        self._frames = self._dropped = self._restarts = 0
        self._streaming, self._trouble = False, "starting"
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """End; waits for a read that is under way."""
        self._end.set()
        self._thread.join(timeout_s)

    def report(self) -> CaptureReport:
        """How it goes now."""
        with self._lock:
            stamps = np.array(self._stamps_s)
            span_s = float(stamps[-1] - stamps[0]) if len(stamps) > 1 else 0.0
            return CaptureReport(
                streaming=self._streaming,
                trouble=self._trouble,
                frames=self._frames,
                dropped=self._dropped,
                restarts=self._restarts,
                rate_hz=(len(stamps) - 1) / span_s if span_s > 0 else 0.0,
                stamp_s=float(stamps[-1]) if len(stamps) else 0.0,
            )

    def _run(self) -> None:
        # A source is made, used and stopped in this thread alone: renderers are bound to theirs.
        pause_s = self._settings.retry_min_s
        while not self._end.is_set():
            frames_before = self._frames
            source: FrameSource | None = None
            try:
                source = self._make_source()
                source.start()
                while not self._end.is_set():
                    self._take(source.read(self._settings.read_timeout_s))
            except BridgeError as error:
                self._failed(str(error))
            except Exception as error:
                # Drivers raise what they like; the camera must come back after any of it.
                self._failed(f"{type(error).__name__}: {error}")
            finally:
                if source is not None:
                    source.stop()
            if self._frames > frames_before:
                pause_s = self._settings.retry_min_s
            self._end.wait(pause_s)
            pause_s = min(2 * pause_s, self._settings.retry_max_s)

    def _take(self, frame: RGBDFrame) -> None:
        with self._lock:
            gaps = np.diff(self._stamps_s)
            if len(gaps) > 5:
                missing = round((frame.stamp_s - self._stamps_s[-1]) / float(np.median(gaps))) - 1
                self._dropped += max(0, missing)
            self._stamps_s.append(frame.stamp_s)
            self._frames += 1
            self._streaming, self._trouble = True, ""
        self._on_frame(frame)

    def _failed(self, trouble: str) -> None:
        with self._lock:
            self._streaming, self._trouble = False, trouble
            self._restarts += 1
            self._stamps_s.clear()
