"""The executor of every node: rclpy's contract at a fraction of its price.

rclpy's executors build everything anew for every wait: lists of what there is to wait for, a wait
set, a timer for the time-out, a task and a coroutine for each callback. On a slow core that is a
millisecond a message, and a robot's graph has hundreds of messages a second.
"""

from __future__ import annotations

import math
import time
from typing import Any

from rclpy.context import Context
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor

from bridge_ros.ros.rclpy_internals import call_timer, ready_tasks, take_message, unfinished_tasks
from bridge_ros.ros.wait_set import WaitSet


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
        self._ended = False
        self._waits: WaitSet | None = None

    def spin_once(self, timeout_sec: float | None = None) -> None:
        """Wait until something is ready, and run all that is. What callbacks raise comes out here.

        Args:
            timeout_sec: seconds to wait at most; None: for ever.

        Raises:
            ExternalShutdownException: if the context was shut down meanwhile.
        """
        end_s = math.inf if timeout_sec is None else time.monotonic() + timeout_sec
        while not self._ended:
            left_s = max(0.0, end_s - time.monotonic())
            if self._run_what_is_ready(left_s) or left_s == 0.0:
                return

    def shutdown(self, timeout_sec: float | None = None) -> bool:
        """End. From here on, what was waited for can be destroyed."""
        self._ended = True
        self._forget()
        return bool(super().shutdown(timeout_sec))

    def _run_what_is_ready(self, timeout_s: float) -> bool:
        """Wait once; returns whether anything ran."""
        for task in unfinished_tasks(self):
            _go_on(task)
        if self._waits is None:
            self._waits = WaitSet(self)
        try:
            ready = self._waits.wait(timeout_s)
        except InvalidHandle:  # Another thread has destroyed something just now.
            self._forget()
            return False
        if not self.context.ok():
            raise ExternalShutdownException
        if ready.changed:
            self._forget()
        for timer in ready.timers:
            call_timer(timer)
        for subscription, arguments in ready.subscriptions:
            take_message(subscription, arguments)
        for guard in ready.guards:
            if guard.callback is not None:
                guard.callback()
        if ready.others:
            for task in ready_tasks(self):
                _go_on(task)
        return bool(ready.timers or ready.subscriptions or ready.guards or ready.others)

    def _forget(self) -> None:
        if self._waits is not None:
            self._waits.close()
            self._waits = None


def _go_on(task: Any) -> None:
    task()
    if task.done():
        task.result()  # Raises what the task raised.
