"""What gripper drivers share: a thread that keeps a connection, and a newest wish and state."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod

from bridge_ros.errors import HardwareError
from bridge_ros.hardware.gripper_settings import GripperSettings
from bridge_ros.hardware.protocols import GripperState
from bridge_ros.hardware.width import checked_width, halted_width

_FIRST_RETRY_S = 0.25
_LAST_RETRY_S = 2.0


class ReconnectingGripper(ABC):
    """Serves one connection after another in a thread of its own; implements `Gripper`.

    On any error it hangs up, waits a little longer each time, and connects anew.

    Args:
        name: the device and its address, for messages.
    """

    def __init__(self, settings: GripperSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._goal_m: float | None = None
        self._state: GripperState | None = None
        self._measured_s = 0.0
        self._trouble = f"{name}: not connected yet"

    @abstractmethod
    def _serve(self) -> None:
        """Connect, prepare the fingers, and serve until `_closing` is set.

        Raises:
            HardwareError: when the connection fails or is lost.
        """

    def start(self) -> None:
        """See `Gripper`."""
        if self._thread is None:
            self._closing.clear()
            self._thread = threading.Thread(target=self._run, name="gripper", daemon=True)
            self._thread.start()

    def set_width(self, width_m: float) -> None:
        """See `Gripper`."""
        checked_m = checked_width(width_m, self._settings.stroke_m)
        with self._lock:
            self._goal_m = checked_m

    def halt(self) -> None:
        """See `Gripper`."""
        with self._lock:
            if self._state is not None:
                width_m = halted_width(self._state, self._settings.stroke_m)
                self._goal_m = self._goal_m if width_m is None else width_m

    def state(self) -> GripperState:
        """See `Gripper`."""
        with self._lock:
            state, age_s = self._state, time.monotonic() - self._measured_s
            trouble = self._trouble
        if state is None or age_s > self._settings.max_age_s:
            raise HardwareError(trouble)
        return state

    def close(self) -> None:
        """See `Gripper`; waits for the thread, at most for the timeouts of the settings."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _exchange(self, state: GripperState) -> float | None:
        """Make a measurement known; returns the opening [m] last asked for, None before that."""
        with self._lock:
            self._state, self._measured_s = state, time.monotonic()
            self._trouble = f"{self._name}: its last measurement is too old"
            return self._goal_m

    def _say(self, trouble: str) -> None:
        """Say why there is no measurement."""
        with self._lock:
            self._state, self._trouble = None, trouble

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._closing.is_set():
            try:
                self._serve()
            except HardwareError as error:
                with self._lock:
                    served = self._state is not None
                if served:
                    retry_s = _FIRST_RETRY_S
                self._say(str(error))
            self._closing.wait(retry_s)
            retry_s = min(2.0 * retry_s, _LAST_RETRY_S)
