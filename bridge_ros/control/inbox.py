"""How other threads hand their wishes to the controller's."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from bridge_ros.control.target_checks import PoseTarget
from bridge_ros.status import Absence

Request: TypeAlias = Callable[[float], None]
"""Something to do in the controller's thread, given the time [s]."""

_MAX_TARGETS = 20


class Inbox:
    """Keeps pose targets, requests and the list of missing nodes until the controller's next step.

    Never waits for anything but its lock. Of more targets than any step should find, the oldest go.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._targets: deque[PoseTarget] = deque(maxlen=_MAX_TARGETS)
        self._requests: deque[Request] = deque()
        self._missing: dict[str, Absence] = {}

    def put_target(self, target: PoseTarget) -> None:
        """Add a pose target."""
        with self._lock:
            self._targets.append(target)

    def put_request(self, request: Request) -> None:
        """Add a request."""
        with self._lock:
            self._requests.append(request)

    def set_missing(self, nodes: dict[str, Absence]) -> None:
        """Replace the nodes that are required and not alive, and how each is missing."""
        with self._lock:
            self._missing = dict(nodes)

    def take_targets(self) -> list[PoseTarget]:
        """All targets since the last call, the oldest first."""
        with self._lock:
            taken = list(self._targets)
            self._targets.clear()
        return taken

    def take_requests(self) -> list[Request]:
        """All requests since the last call, the oldest first."""
        with self._lock:
            taken = list(self._requests)
            self._requests.clear()
        return taken

    @property
    def missing(self) -> dict[str, Absence]:
        """The nodes that are required and not alive, and how each is missing."""
        with self._lock:
            return dict(self._missing)
