"""Who is alive: DDS liveliness with a short lease, asserted by the middleware's own threads.

A busy interpreter does not look dead, while a killed or frozen process does within a quarter of a
second. An assertion that is lost on the way is forgiven: the next one comes within the grace time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence

from rclpy.event_handler import QoSLivelinessChangedInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from std_msgs.msg import Empty

from bridge_ros.ros import topics

_GRACE_S = 0.06
_CHECK_PERIOD_S = 0.02


class Liveness:
    """Shows that a node is alive for as long as this object is open."""

    def __init__(self, node: Node) -> None:
        self._node = node
        topic = topics.liveness_topic(node.get_name())
        self._publisher = node.create_publisher(Empty, topic, topics.LIVENESS)

    def close(self) -> None:
        self._node.destroy_publisher(self._publisher)


class LivenessWatch:
    """Watches other nodes' liveness; `on_change(missing)` is called in the node's executor."""

    def __init__(
        self,
        node: Node,
        names: Sequence[str],
        on_change: Callable[[tuple[str, ...]], None] | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._lost_s: dict[str, float] = dict.fromkeys(names, -math.inf)
        self._on_change = on_change
        self._told = tuple(names)
        self._subscriptions = [
            node.create_subscription(
                Empty,
                topics.liveness_topic(name),
                lambda _: None,
                topics.LIVENESS,
                event_callbacks=SubscriptionEventCallbacks(
                    liveliness=lambda info, name=name: self._changed(name, info)
                ),
            )
            for name in names
        ]
        # Runs only while a node is in its grace time.
        self._timer = node.create_timer(_CHECK_PERIOD_S, self._check)
        self._timer.cancel()

    def missing(self) -> tuple[str, ...]:
        """The watched nodes that are not alive now."""
        before_s = time.monotonic() - _GRACE_S
        with self._lock:
            return tuple(name for name, lost_s in self._lost_s.items() if lost_s < before_s)

    def _changed(self, name: str, info: QoSLivelinessChangedInfo) -> None:
        with self._lock:
            self._lost_s[name] = time.monotonic() if info.alive_count == 0 else math.inf
        self._timer.reset()
        self._check()

    def _check(self) -> None:
        missing = self.missing()
        with self._lock:
            gone = sum(lost_s < math.inf for lost_s in self._lost_s.values())
        if gone == len(missing):
            self._timer.cancel()
        if missing != self._told:
            self._told = missing
            if self._on_change is not None:
                self._on_change(missing)
