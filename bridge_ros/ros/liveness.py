"""Who is alive: by the process itself on this machine, by DDS liveliness on any.

A killed node is noticed as soon as its process has ended. One that is frozen, or runs on another
machine, is noticed by its middleware's missing assertions within a quarter of a second; a busy
interpreter does not look dead to that, and an assertion lost on the way is forgiven: the next one
comes within the grace time.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence

from rclpy.event_handler import QoSLivelinessChangedInfo, SubscriptionEventCallbacks
from rclpy.node import Node
from std_msgs.msg import String

from bridge_ros.ros import topics
from bridge_ros.ros.process_handle import ProcessHandle, own_identity
from bridge_ros.status import Absence

_CHECK_PERIOD_S = 0.04


class Liveness:
    """Shows that a node is alive for as long as this object is open."""

    def __init__(self, node: Node) -> None:
        self._node = node
        topic = topics.liveness_topic(node.get_name())
        self._publisher = node.create_publisher(String, topic, topics.LIVENESS)
        self._publisher.publish(String(data=own_identity()))

    def close(self) -> None:
        """Show it no more."""
        self._node.destroy_publisher(self._publisher)


class LivenessWatch:
    """Watches other nodes' liveness.

    Args:
        on_change: told what `missing` says now, in the node's executor; None: only that is asked.
        grace_s: how long after its lease's end a node is not missing yet.
    """

    def __init__(
        self,
        node: Node,
        names: Sequence[str],
        on_change: Callable[[dict[str, Absence]], None] | None = None,
        grace_s: float = 0.06,
    ) -> None:
        self._lock = threading.Lock()
        self._lost_s: dict[str, float] = dict.fromkeys(names, -math.inf)
        self._processes: dict[str, ProcessHandle] = {}
        self._on_change = on_change
        self._grace_s = grace_s
        self._told = dict.fromkeys(names, Absence.SILENT)
        for name in names:
            node.create_subscription(
                String,
                topics.liveness_topic(name),
                lambda message, name=name: self._on_process(name, message),
                topics.LIVENESS,
                event_callbacks=SubscriptionEventCallbacks(
                    liveliness=lambda info, name=name: self._on_liveliness(name, info),
                    use_default_callbacks=False,
                ),
            )
        if on_change is not None:
            node.create_timer(_CHECK_PERIOD_S, self._check)

    def missing(self) -> dict[str, Absence]:
        """The watched nodes that are not alive now; ENDED where that is known."""
        before_s = time.monotonic() - self._grace_s
        with self._lock:
            ended = {name for name, process in self._processes.items() if process.ended()}
            return {
                name: Absence.ENDED if name in ended else Absence.SILENT
                for name, lost_s in self._lost_s.items()
                if lost_s < before_s or name in ended
            }

    def close(self) -> None:
        """Let go of the processes; the subscriptions are the node's."""
        with self._lock:
            processes, self._processes = list(self._processes.values()), {}
        for process in processes:
            process.close()

    def _on_liveliness(self, name: str, info: QoSLivelinessChangedInfo) -> None:
        with self._lock:
            self._lost_s[name] = time.monotonic() if info.alive_count == 0 else math.inf
        self._check()

    def _on_process(self, name: str, message: String) -> None:
        with self._lock:
            before = self._processes.get(name)
            self._processes[name] = ProcessHandle(message.data)
        if before is not None:
            before.close()
        self._check()

    def _check(self) -> None:
        missing = self.missing()
        if missing != self._told:
            self._told = missing
            if self._on_change is not None:
                self._on_change(missing)
