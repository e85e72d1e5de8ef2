"""Device time to seconds since the epoch."""

from __future__ import annotations

_CREEP = 0.001
"""Share of a measured offset that is believed at once when frames seem to come later."""


class DeviceClock:
    """Maps a device's free-running milliseconds to the computer's time.

    A frame can arrive late but never early, so that the least difference between arrival and device
    time is the best estimate of the clocks' offset; it creeps upwards to follow drift.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def to_epoch_s(self, device_ms: float, *, is_epoch: bool, arrival_s: float) -> float:
        """Seconds since the epoch at which a frame was taken.

        Args:
            device_ms: the frame's own time stamp.
            is_epoch: whether the device already speaks epoch time (global or system time).
            arrival_s: when it arrived, epoch seconds.
        """
        device_s = device_ms / 1000.0
        if is_epoch:
            return device_s
        offset_s = arrival_s - device_s
        if self._offset_s is None or offset_s < self._offset_s:
            self._offset_s = offset_s
        else:
            self._offset_s += _CREEP * (offset_s - self._offset_s)
        return device_s + self._offset_s
