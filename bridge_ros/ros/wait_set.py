"""What an executor waits for, built once and kept until something is created or destroyed."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor
from rclpy.waitable import NumberOfEntities

from bridge_ros.ros.rclpy_internals import new_wait_set, wake_up_guards


@dataclass(frozen=True)
class Ready:
    """What a wait has found.

    Attributes:
        subscriptions: each with how many arguments its callback takes.
        others: whether services, clients or waitables are ready.
        changed: whether something was created or destroyed, or a task is to go on.
    """

    timers: list[Any]
    subscriptions: list[tuple[Any, int]]
    guards: list[Any]
    others: bool
    changed: bool


class WaitSet:
    """What an executor's nodes wait for, kept from being destroyed until `close`."""

    def __init__(self, executor: Executor) -> None:
        self._held = ExitStack()
        nodes = executor.get_nodes()
        self._timers = self._hold(e for node in nodes for e in node.timers)
        subscriptions = self._hold(e for node in nodes for e in node.subscriptions)
        self._subscriptions = {
            address: (subscription, _arguments(subscription.callback))
            for address, subscription in subscriptions.items()
        }
        self._guards = self._hold(e for node in nodes for e in node.guards)
        self._wake_ups = self._hold(wake_up_guards(executor))
        self._services = self._hold(e for node in nodes for e in node.services)
        self._clients = self._hold(e for node in nodes for e in node.clients)
        self._waitables = [e for node in nodes for e in node.waitables if self._enter(e)]
        sizes = NumberOfEntities(
            len(self._subscriptions),
            len(self._guards) + len(self._wake_ups),
            len(self._timers),
            len(self._clients),
            len(self._services),
        )
        for waitable in self._waitables:
            sizes += waitable.get_num_entities()
        self._held.enter_context(executor.context.handle)
        self._wait_set = new_wait_set(sizes, executor.context)

    def wait(self, timeout_s: float) -> Ready:
        """Wait until something is ready, at most so long."""
        found = self._wait_set
        found.clear_entities()
        for timer in self._timers.values():
            found.add_timer(timer.handle)
        for subscription, _ in self._subscriptions.values():
            found.add_subscription(subscription.handle)
        for guard in (*self._guards.values(), *self._wake_ups.values()):
            found.add_guard_condition(guard.handle)
        for service in self._services.values():
            found.add_service(service.handle)
        for client in self._clients.values():
            found.add_client(client.handle)
        for waitable in self._waitables:
            waitable.add_to_wait_set(found)
        found.wait(-1 if math.isinf(timeout_s) else int(timeout_s * 1e9))
        # Waitables have entities of their own among these.
        guards = found.get_ready_entities("guard_condition")
        return Ready(
            timers=_among(self._timers, found.get_ready_entities("timer")),
            subscriptions=_among(self._subscriptions, found.get_ready_entities("subscription")),
            guards=_among(self._guards, guards),
            others=bool(
                _among(self._services, found.get_ready_entities("service"))
                or _among(self._clients, found.get_ready_entities("client"))
                or [waitable for waitable in self._waitables if waitable.is_ready(found)]
            ),
            changed=bool(_among(self._wake_ups, guards)),
        )

    def close(self) -> None:
        """Let go of everything."""
        self._held.close()

    def _hold(self, entities: Iterable[Any]) -> dict[int, Any]:
        """Those that still exist, by the addresses that the wait set knows them by."""
        return {e.handle.pointer: e for e in entities if self._enter(e.handle)}

    def _enter(self, held: Any) -> bool:
        try:
            self._held.enter_context(held)
        except InvalidHandle:
            return False
        return True


def _among(entities: dict[int, Any], addresses: list[int]) -> list[Any]:
    return [entities[address] for address in addresses if address in entities]


def _arguments(callback: Any) -> int:
    """1: the message; 2: where it comes from as well."""
    try:
        inspect.signature(callback).bind(None)
    except TypeError:
        return 2
    return 1
