"""The executor of every node: rclpy's contract at a fraction of its price.

rclpy's executors build everything anew for every wait: lists of what there is to wait for, a wait
set, a timer for the time-out, a task and a coroutine for each callback. On a slow core that is a
millisecond a message, and a robot's graph has hundreds of messages a second.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.executors import (
    ExternalShutdownException,
    ShutdownException,
    SingleThreadedExecutor,
    TimeoutException,
)
from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.waitable import NumberOfEntities


class NodeExecutor(SingleThreadedExecutor):
    """Runs the callbacks of its nodes in the thread that spins; use as a context manager.

    Messages, timers and guard conditions are served from a wait set that stays as it is until
    something is created or destroyed; their callbacks are plain functions. What is rare (services,
    clients, actions, events of the middleware) is left to rclpy.

    Args:
        context: of its nodes; None: the process's default one.
    """

    def __init__(self, context: Context | None = None) -> None:
        super().__init__(context=context)
        self._tasks: list[tuple[Any, Any, Any]]
        self._waits: _WaitSet | None = None

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait until something is ready, and run all that is. What callbacks raise comes out here.

        Args:
            timeout_sec: seconds to wait at most; None: for ever.

        Raises:
            ExternalShutdownException: if the context was shut down meanwhile.
        """
        end_s = math.inf if timeout_sec is None else time.monotonic() + timeout_sec
        while not self._is_shutdown:
            left_s = max(0.0, end_s - time.monotonic())
            if self._run_what_is_ready(left_s) or left_s == 0.0:
                return

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """End. From here on, what was waited for can be destroyed."""
        self._forget()
        return bool(super().shutdown(timeout_sec))

    def _run_what_is_ready(self, timeout_s: float) -> bool:
        """Wait once; returns whether anything ran."""
        self._go_on_with_tasks()
        if self._waits is None:
            self._waits = _WaitSet(self)
        try:
            ready = self._waits.wait(timeout_s)
        except InvalidHandle:  # Another thread has destroyed something just now.
            self._forget()
            return False
        if not self._context.ok():
            raise ExternalShutdownException
        if ready.news:
            self._forget()
        for timer in ready.timers:
            _call_timer(timer)
        for subscription, arguments in ready.subscriptions:
            _take_message(subscription, arguments)
        for guard in ready.guards:
            if guard.callback is not None:
                guard.callback()
        if ready.others:
            self._run_others()
        return bool(ready.timers or ready.subscriptions or ready.guards or ready.others)

    def _run_others(self) -> None:
        """Let rclpy run all that is ready."""
        with suppress(TimeoutException, ShutdownException):
            for handler, _, _ in self._wait_for_ready_callbacks(0.0):
                _go_on(handler)

    def _go_on_with_tasks(self) -> None:
        """The coroutines of actions, which wait for something again and again."""
        if not self._tasks:
            return
        with self._tasks_lock:
            tasks = [task for task, _, _ in self._tasks]
            self._tasks = [entry for entry in self._tasks if not entry[0].done()]
        for task in tasks:
            if not task.executing() and not task.done():
                _go_on(task)

    def _forget(self) -> None:
        if self._waits is not None:
            self._waits.close()
            self._waits = None


@dataclass(frozen=True)
class _Ready:
    """What a wait has found.

    Attributes:
        subscriptions: each with how many arguments its callback takes.
        others: whether services, clients or waitables are ready.
        news: whether something was created or destroyed, or a task is to go on.
    """

    timers: list[Any]
    subscriptions: list[tuple[Any, int]]
    guards: list[Any]
    others: bool
    news: bool


class _WaitSet:
    """What an executor's nodes wait for, kept from being destroyed until `close`."""

    def __init__(self, executor: NodeExecutor) -> None:
        self._held = ExitStack()
        nodes = executor.get_nodes()
        self._timers = self._hold(e for node in nodes for e in node.timers)
        subscriptions = self._hold(e for node in nodes for e in node.subscriptions)
        self._subscriptions = {
            address: (subscription, _arguments(subscription.callback))
            for address, subscription in subscriptions.items()
        }
        self._guards = self._hold(e for node in nodes for e in node.guards)
        bells = [b for b in (executor._guard, executor._sigint_gc) if b is not None]
        self._bells = self._hold(bells)
        self._services = self._hold(e for node in nodes for e in node.services)
        self._clients = self._hold(e for node in nodes for e in node.clients)
        self._waitables = [e for node in nodes for e in node.waitables if self._enter(e)]
        sizes = NumberOfEntities(
            len(self._subscriptions),
            len(self._guards) + len(self._bells),
            len(self._timers),
            len(self._clients),
            len(self._services),
        )
        for waitable in self._waitables:
            sizes += waitable.get_num_entities()
        context = executor.context.handle
        self._held.enter_context(context)
        self._wait_set = _rclpy.WaitSet(
            sizes.num_subscriptions,
            sizes.num_guard_conditions,
            sizes.num_timers,
            sizes.num_clients,
            sizes.num_services,
            sizes.num_events,
            context,
        )

    def wait(self, timeout_s: float) -> _Ready:
        """Wait until something is ready, at most so long."""
        found = self._wait_set
        found.clear_entities()
        for timer in self._timers.values():
            found.add_timer(timer.handle)
        for subscription, _ in self._subscriptions.values():
            found.add_subscription(subscription.handle)
        for guard in (*self._guards.values(), *self._bells.values()):
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
        return _Ready(
            timers=_among(self._timers, found.get_ready_entities("timer")),
            subscriptions=_among(self._subscriptions, found.get_ready_entities("subscription")),
            guards=_among(self._guards, guards),
            others=bool(
                _among(self._services, found.get_ready_entities("service"))
                or _among(self._clients, found.get_ready_entities("client"))
                or [waitable for waitable in self._waitables if waitable.is_ready(found)]
            ),
            news=bool(_among(self._bells, guards)),
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


def _go_on(task: Any) -> None:
    task()
    if task.done():
        task.result()  # Raises what the task raised.


def _call_timer(timer: Any) -> None:
    try:
        with timer.handle:
            if not timer.handle.is_timer_ready():
                return  # Cancelled, by a callback before it.
            timer.handle.call_timer()
    except InvalidHandle:
        return  # Destroyed, by a callback before it.
    timer.callback()


def _take_message(subscription: Any, arguments: int) -> None:
    try:
        with subscription.handle:
            taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
    except InvalidHandle:
        return  # Destroyed, by a callback before it.
    if taken is not None:
        subscription.callback(*taken[:arguments])
