"""A RealSense recording (`.db3`, or `.bag` of older versions) as a frame source."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge_ros.camera.depth_filters import DepthFilterSettings
from bridge_ros.camera.frame import RGBDFrame
from bridge_ros.camera.rs_stream import RsStream
from bridge_ros.errors import CameraError

_END_CHECK_S = 0.2


@dataclass(frozen=True, kw_only=True)
class PlaybackSettings:
    """What is played, and how.

    Attributes:
        file: of `rs.recorder`, realsense-viewer or rs-record.
        real_time: as fast as it was recorded, dropping what nobody reads in time; otherwise every
            frame, as fast as it is read.
        repeat: from the beginning again after the end.
        restamp: frames are stamped as if they were taken now, so that nobody takes them for stale.
        filters: depth clean-up, on top of what was done before recording.
    """

    file: str = ""
    real_time: bool = True
    repeat: bool = True
    restamp: bool = True
    filters: DepthFilterSettings = field(
        default_factory=lambda: DepthFilterSettings(temporal=False)
    )


class PlaybackSource:
    """Implements `FrameSource`."""

    def __init__(self, settings: PlaybackSettings) -> None:
        self._settings = settings
        self._stream: RsStream | None = None
        self._playback: Any = None
        self._shift_s: float | None = None

    def start(self) -> None:
        """Open the recording. Raises CameraError if there is none, or it is not one."""
        self.stop()
        path = Path(self._settings.file).expanduser()
        if not path.is_file():
            raise CameraError(
                f"playback: no file {self._settings.file!r}; expected a RealSense recording"
            )
        try:
            import pyrealsense2 as rs

            device = rs.context().load_device(str(path))
            self._playback = device.as_playback()
            self._playback.set_real_time(self._settings.real_time)
        except (ImportError, RuntimeError) as error:
            raise CameraError(f"playback: {path} cannot be opened: {error}") from error
        self._stream = RsStream(device, self._settings.filters)
        self._shift_s = None

    def read(self, timeout_s: float) -> RGBDFrame:
        """See `FrameSource.read`. Raises CameraError at the end, unless it repeats."""
        deadline_s = time.monotonic() + timeout_s
        while True:
            if self._stream is None:
                raise CameraError("playback: not started")
            left_s = max(0.01, deadline_s - time.monotonic())
            try:
                return self._stamped(self._stream.read(min(left_s, _END_CHECK_S)))
            except CameraError:
                if self._ended():
                    if not self._settings.repeat:
                        raise CameraError(f"playback: {self._settings.file} has ended") from None
                    self.start()
                elif time.monotonic() >= deadline_s:
                    raise

    def stop(self) -> None:
        """See `FrameSource.stop`."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._playback = None

    def _ended(self) -> bool:
        import pyrealsense2 as rs

        return bool(self._playback.current_status() == rs.playback_status.stopped)

    def _stamped(self, frame: RGBDFrame) -> RGBDFrame:
        if not self._settings.restamp:
            return frame
        if self._shift_s is None or not self._settings.real_time:
            self._shift_s = time.time() - frame.stamp_s
        return replace(frame, stamp_s=frame.stamp_s + self._shift_s)
