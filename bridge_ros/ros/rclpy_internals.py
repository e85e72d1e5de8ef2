"""All that is used of rclpy beyond its public interface, and nothing else is.

`test/ros/test_rclpy_internals.py` says of each private part what depends on it, so that a new rclpy
that lacks one is noticed by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, ShutdownException, TimeoutException
from rclpy.guard_condition import GuardCondition
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.timer import Timer
from rclpy.waitable import NumberOfEntities


def parameter_overrides(node: Node) -> Mapping[str, Any]:
    """The parameters that files and command lines set, by name, declared or not."""
    overrides: Mapping[str, Any] = node._parameter_overrides
    return overrides


def new_wait_set(sizes: NumberOfEntities, context: Context) -> Any:
    """An empty wait set with room for so many entities; the context's handle must be held."""
    return rclpy_implementation.WaitSet(
        sizes.num_subscriptions,
        sizes.num_guard_conditions,
        sizes.num_timers,
        sizes.num_clients,
        sizes.num_services,
        sizes.num_events,
        context.handle,
    )


def wake_up_guards(executor: Executor) -> list[GuardCondition]:
    """The guard conditions by which rclpy makes an executor look again.

    Nodes trigger the first when something was created or destroyed, finished futures when a task is
    to go on; the context triggers the second when it is shut down.
    """
    return [guard for guard in (executor._guard, executor._sigint_gc) if guard is not None]


def unfinished_tasks(executor: Executor) -> list[Any]:
    """The tasks of coroutines that wait for something; those that are done are forgotten."""
    if not executor._tasks:
        return []
    with executor._tasks_lock:
        tasks = [task for task, _, _ in executor._tasks]
        executor._tasks = [entry for entry in executor._tasks if not entry[0].done()]
    return [task for task in tasks if not task.executing() and not task.done()]


def ready_tasks(executor: Executor) -> Iterator[Any]:
    """What rclpy finds ready now, of all kinds, each as a task."""
    with suppress(TimeoutException, ShutdownException):
        for task, _, _ in executor._wait_for_ready_callbacks(0.0):
            yield task


def call_timer(timer: Timer) -> None:
    """Run its callback, unless a callback before it cancelled or destroyed it."""
    try:
        with timer.handle:
            if not timer.handle.is_timer_ready():
                return
            timer.handle.call_timer()
    except InvalidHandle:
        return
    timer.callback()


def take_message(subscription: Subscription[Any], arguments: int) -> None:
    """Run its callback with the newest message; with as many arguments as it takes."""
    try:
        with subscription.handle:
            taken = subscription.handle.take_message(subscription.msg_type, subscription.raw)
    except InvalidHandle:
        return
    if taken is not None:
        subscription.callback(*taken[:arguments])
