"""A node with all that it needs to live in a process: a context, priorities, an executor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Generic, TypeVar

from rclpy.context import Context
from rclpy.node import Node

from bridge_ros.priority import MIDDLEWARE_LEVEL, run_in_foreground
from bridge_ros.ros.executor import NodeExecutor

if TYPE_CHECKING:
    from typing_extensions import Self

N = TypeVar("N", bound=Node)


class NodeSession(Generic[N]):
    """A context of its own, one node in it, and its executor; use as a context manager.

    The calling thread is left in the foreground, as the middleware's threads are. rclpy installs
    no signal handlers: a session ends while its context is still valid.

    Args:
        make_node: called with `context=`.
        args: the command line, for `--ros-args`; None: the process's own.
    """

    def __init__(self, make_node: Callable[..., N], args: list[str] | None = None) -> None:
        self._make_node = make_node
        self._args = args

    def __enter__(self) -> Self:
        with ExitStack() as ends:
            self._open(ends)
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    def spin_once(self, timeout_s: float) -> None:
        """Wait until something is ready, at most so long, and run all that is."""
        self._executor.spin_once(timeout_sec=timeout_s)

    def _open(self, ends: ExitStack) -> None:
        """Build all, and put the end of each part on `ends`."""
        # The middleware's threads inherit this: however busy the process is, its messages come in
        # time, and it can say that it is alive.
        run_in_foreground(MIDDLEWARE_LEVEL)
        context = Context()
        context.init(self._args)
        ends.callback(context.try_shutdown)
        self.node = self._make_node(context=context)
        ends.callback(self.node.destroy_node)
        self._executor = ends.enter_context(NodeExecutor(context))
        self._executor.add_node(self.node)
