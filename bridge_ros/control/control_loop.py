"""Steps the controller at its rate in a thread of its own."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from bridge_ros.control.controller import Controller
from bridge_ros.errors import ConfigError
from bridge_ros.settings.ranges import Range

_REST_TIMEOUT_S = 1.5

RATES_HZ = Range(50.0, 500.0)


class ControlLoop:
    """The streaming thread.

    Args:
        rate_hz: steps a second, within `RATES_HZ`.

    Raises:
        ConfigError: for a rate outside its bounds.
    """

    def __init__(self, controller: Controller, rate_hz: float) -> None:
        if rate_hz not in RATES_HZ:
            raise ConfigError(f"rate_hz: expected {RATES_HZ}, got {rate_hz}")
        self._controller = controller
        self._period_s = 1.0 / rate_hz
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="control-loop", daemon=True)
        self._overruns = 0
        self._begun_s = math.inf

    @property
    def stuck_s(self) -> float:
        """How long ago the last step began; more than a period while the arm lets it wait."""
        return max(0.0, time.monotonic() - self._begun_s)

    @property
    def overruns(self) -> int:
        """How many steps began more than a period late."""
        return self._overruns

    @property
    def running(self) -> bool:
        """Whether the loop steps; false as well after a step has raised what it should not."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to step."""
        self._thread.start()

    def close(self) -> None:
        """Bring the arm to rest, end the loop and let go of both devices; waits for that."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._step_while(lambda: not self._closing.is_set())
            self._controller.stop()
            end_s = time.monotonic() + _REST_TIMEOUT_S
            self._controller.step(time.monotonic())
            self._step_while(lambda: self._controller.in_motion and time.monotonic() < end_s)
        finally:
            # An arm that nobody steers any more must be let go of, whatever went wrong.
            self._controller.close()

    def _step_while(self, wanted: Callable[[], bool]) -> None:
        due_s = time.monotonic()
        while wanted():
            self._begun_s = time.monotonic()
            self._controller.step(self._begun_s)
            due_s += self._period_s
            now_s = time.monotonic()
            if now_s > due_s + self._period_s:
                self._overruns += 1
                due_s = now_s
            time.sleep(max(0.0, due_s - now_s))
