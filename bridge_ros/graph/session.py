"""What every client of the graph is made of: a node of its own, served beside or by its caller."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from bridge_ros.priority import run_in_foreground, run_normally
from bridge_ros.ros.node_scope import C, NodeScope
from bridge_ros.ros.node_session import N, NodeSession

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_S = 0.1


class GraphSession(NodeSession[N]):
    """A client's place in the graph; use as a context manager.

    The calling thread is an ordinary one inside. What is created on the node, or given to `own`,
    ends with the session.

    Args:
        make_node: called with `context=`; for a plain node `partial(Node, "its_name")`.
        catch_signals: Ctrl-C, SIGTERM and SIGHUP only make `asked_to_end` true, so that they do not
            break into anything; main thread only.
    """

    def __init__(self, make_node: Callable[..., N], *, catch_signals: bool = False) -> None:
        super().__init__(make_node)
        self._catch_signals = catch_signals
        self._closing = threading.Event()
        self.asked_to_end = False

    def own(self, thing: C) -> C:
        """Close `thing` at the end of the session; returns it."""
        return self._scope.own(thing)

    def spin_beside(self, take_priority: Callable[[], None] = run_in_foreground) -> None:
        """Run the node's callbacks in a thread of its own from now on.

        Args:
            take_priority: called in that thread; see `bridge_ros.priority`.
        """
        name = self.node.get_name()
        thread = threading.Thread(target=self._spin, args=(take_priority,), name=name, daemon=True)
        self._ends.callback(thread.join)
        self._ends.callback(self._closing.set)
        thread.start()

    def spin_for(self, seconds: float) -> None:
        """Run the node's callbacks in the calling thread for so long."""
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self.spin_once(left_s)

    def _open(self, ends: ExitStack) -> None:
        if self._catch_signals:
            for number in _SIGNALS:
                ends.callback(signal.signal, number, signal.signal(number, self._ask_to_end))
        try:
            super()._open(ends)
        finally:
            run_normally()
        self._scope = NodeScope(self.node)
        ends.callback(self._scope.close)

    def _spin(self, take_priority: Callable[[], None]) -> None:
        take_priority()
        while not self._closing.is_set():
            self.spin_once(_POLL_S)

    def _ask_to_end(self, *_: object) -> None:
        self.asked_to_end = True
