"""The base of every node: a lifecycle node that starts itself and says how it is."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from bridge_interfaces.msg import TaskStatus
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.publisher import Publisher
from rclpy.subscription import Subscription

from bridge_ros.errors import BridgeError
from bridge_ros.priority import NODE_LEVEL, run_in_foreground
from bridge_ros.ros import topics
from bridge_ros.ros.clock import clock_s
from bridge_ros.ros.liveness import Liveness
from bridge_ros.ros.node_scope import C, NodeScope
from bridge_ros.ros.node_session import NodeSession
from bridge_ros.ros.parameters import declare_settings
from bridge_ros.status import Cause, NodeReason, NodeState, Reason, Word, cause_of

S = TypeVar("S")

_LEVELS = {
    "ok": DiagnosticStatus.OK,
    "warn": DiagnosticStatus.WARN,
    "error": DiagnosticStatus.ERROR,
}
_REPORT_PERIOD_S = 1.0
_PROGRESS_PERIOD_S = 0.2
_SAID_AT_ONCE = ("state", "reason", "message", "plan_id", "stage", "subgoal", "instruction")
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SIGNAL_CHECK_PERIOD_S = 0.1


class BridgeNode(LifecycleNode, Generic[S]):
    """A lifecycle node with settings, status, diagnostics and liveness.

    Publishes: /bridge/status (TaskStatus) on every change and once a second, /diagnostics once a
    second, and its liveness while it is active. Subclasses override `configure`, `activate` and
    `deactivate`, and may raise a BridgeError from the first two to refuse.

    Whatever is created on the node, or given to `own`, from `activate` on ends when the node is
    deactivated; from `configure` on, when it is cleaned up. So no subclass takes anything down.
    """

    foreground_level = NODE_LEVEL
    """How far a node goes before others where processors are few; see `bridge_ros.priority`."""

    reports_by_itself = False
    """Whether an active node calls `report` once a second, at a time that suits it."""

    def __init__(self, name: str, settings_class: type[S], **node_options: Any) -> None:
        super().__init__(name, **node_options)
        self.settings: S = declare_settings(self, settings_class)
        self._status = TaskStatus(source=name, state="", gripper_width=-1.0)
        self._said_s = 0.0
        self._scopes: list[NodeScope] = []
        self._status_pub = self.create_publisher(TaskStatus, topics.STATUS, topics.STATUS_QOS)
        self._diagnostics_pub = self.create_publisher(
            DiagnosticArray, topics.DIAGNOSTICS, topics.RELIABLE
        )
        self.create_timer(_REPORT_PERIOD_S, self._report_unasked)

    @property
    def is_configured(self) -> bool:
        """Whether the node holds what `configure` built."""
        return len(self._scopes) > 0

    @property
    def is_active(self) -> bool:
        """Whether the node holds what `activate` created, too."""
        return len(self._scopes) > 1

    def own(self, thing: C) -> C:
        """Close `thing` when the node leaves the state that it is entering; returns it."""
        return self._scopes[-1].own(thing)

    def now_s(self) -> float:
        """The node's clock, which stamps messages: seconds since the epoch."""
        return clock_s(self)

    def create_publisher(self, *args: Any, **options: Any) -> Publisher[Any]:
        """See `Node`; without the events that it adds, which make every wait dearer.

        They would warn of others whose quality of service does not fit, or whose type.
        """
        options.setdefault("event_callbacks", PublisherEventCallbacks(use_default_callbacks=False))
        return super().create_publisher(*args, **options)

    def create_subscription(self, *args: Any, **options: Any) -> Subscription[Any]:
        """See `create_publisher`; topics of foreign nodes are given their events by hand."""
        options.setdefault(
            "event_callbacks", SubscriptionEventCallbacks(use_default_callbacks=False)
        )
        return super().create_subscription(*args, **options)

    def configure(self) -> None:
        """Build the core objects, load and warm models. May take long."""

    def activate(self) -> None:
        """Start timers, threads and subscriptions."""

    def deactivate(self) -> None:
        """Say goodbye; all that `activate` created is still there, and ends afterwards."""

    def diagnostics(self) -> dict[str, object]:
        """Key figures for /diagnostics while active; `level` (ok, warn, error), `message` apart."""
        return {}

    def publish_status(self, state: Word, cause: Cause[Reason], **fields: Any) -> None:
        """Say a new state at once, and mere progress now and then; it is repeated every second.

        Args:
            cause: of the state; its reason and its message are told.
            fields: the other fields of TaskStatus; what is not given is empty.
        """
        fields.setdefault("gripper_width", -1.0)
        before, name = self._status, self.get_name()
        self._status = TaskStatus(
            source=name,
            state=state.value,
            message=cause.message,
            reason=cause.reason.value,
            **fields,
        )
        is_new = any(getattr(before, f) != getattr(self._status, f) for f in _SAID_AT_ONCE)
        if is_new or time.monotonic() - self._said_s >= _PROGRESS_PERIOD_S:
            self._publish_status()

    def amend_status(self, **fields: Any) -> None:
        """Change fields of the status from its next repetition on."""
        for name, value in fields.items():
            setattr(self._status, name, value)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._enter("configure", self.configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        result = self._enter("activate", self.activate)
        if result == TransitionCallbackReturn.SUCCESS:
            self._scopes[-1].at_end(self.deactivate)
            self.own(Liveness(self))
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._leave("deactivate")

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        return self._leave("clean up")

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._leave_all()
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """After a bug in a transition the node is unconfigured, and may be configured anew."""
        self._leave_all()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """See `Node`; shuts the node down first, unless that was done."""
        if self.is_configured:
            self.trigger_shutdown()
        super().destroy_node()

    def _enter(self, name: str, build: Callable[[], None]) -> TransitionCallbackReturn:
        """Build within a scope of its own, which ends at once if that fails."""
        self._scopes.append(NodeScope(self))
        result = TransitionCallbackReturn.ERROR
        try:
            build()
            result = TransitionCallbackReturn.SUCCESS
        except BridgeError as error:
            self.get_logger().error(f"cannot {name}: {error}")
            self.publish_status(NodeState.FAILED, cause_of(error, NodeReason.CANNOT_CHANGE))
            result = TransitionCallbackReturn.FAILURE
        except Exception:
            self._show_bug(name)
        except BaseException:
            # Ctrl-C: rclpy's state machine stays within the transition, and leads nowhere from it.
            self._leave_all()
            raise
        if result != TransitionCallbackReturn.SUCCESS:
            self._leave(f"undo {name}")
        return result

    def _leave(self, name: str) -> TransitionCallbackReturn:
        """End the newest scope. There is no way back: whatever an end raises is a bug."""
        try:
            self._scopes.pop().close()
        except Exception:
            self._show_bug(name)
            return TransitionCallbackReturn.ERROR
        return TransitionCallbackReturn.SUCCESS

    def _leave_all(self) -> None:
        while self._scopes:
            self._leave("end")

    def _show_bug(self, name: str) -> None:
        # rclpy swallows what a transition raises; without this nobody would ever see it.
        self.get_logger().fatal(f"cannot {name}:\n{traceback.format_exc()}")

    def report(self) -> None:
        """Repeat the status, and publish the diagnostics."""
        if self._status.state:
            self._publish_status()
        figures = self.diagnostics() if self.is_active else {}
        if not figures:
            return
        status = DiagnosticStatus(
            name=f"bridge_ros: {self.get_name()}",
            hardware_id=self.get_name(),
            level=_LEVELS[str(figures.pop("level", "ok"))],
            message=str(figures.pop("message", "")),
            values=[KeyValue(key=key, value=_text(value)) for key, value in figures.items()],
        )
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics_pub.publish(message)

    def _report_unasked(self) -> None:
        if not (self.reports_by_itself and self.is_active):
            self.report()

    def _publish_status(self) -> None:
        self._status.header.stamp = self.get_clock().now().to_msg()
        self._status_pub.publish(self._status)
        self._said_s = time.monotonic()


def run(node_class: type[BridgeNode[Any]], args: list[str] | None = None) -> None:
    """Run one node until Ctrl-C or SIGTERM; the body of every node's `main`.

    Configures and activates the node by itself. Exits with status 1, after saying why, when the
    node's parameters or its device make that impossible.
    """
    stop = threading.Event()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = 0
    try:
        with NodeSession(node_class, args) as session, _ending_undisturbed():
            node = session.node
            # No node is an ordinary process: one that is starved while it holds a lock of the
            # middleware's would keep those threads from saying that it is alive. Loading is no
            # deadline, whatever the node's own level: others may be in motion meanwhile.
            run_in_foreground()
            configured = node.trigger_configure() == TransitionCallbackReturn.SUCCESS
            run_in_foreground(node_class.foreground_level)
            if configured and node.trigger_activate() == TransitionCallbackReturn.SUCCESS:
                # From here on a signal only sets a flag: it must not break into a callback.
                for number in _SIGNALS:
                    signal.signal(number, lambda *_: stop.set())
                # What is here now stays; going through all of it again and again takes tens of
                # milliseconds, which a node with deadlines does not have.
                gc.collect()
                gc.freeze()
                node.get_logger().info("ready")
                while not stop.is_set():
                    session.spin_once(_SIGNAL_CHECK_PERIOD_S)
            else:
                code = 1
    except KeyboardInterrupt:
        pass
    except BridgeError as error:
        print(f"cannot start: {error}", file=sys.stderr)
        code = 1
    sys.exit(code)


@contextmanager
def _ending_undisturbed() -> Iterator[None]:
    """No signal breaks into what ends after this."""
    try:
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        gc.unfreeze()


def _text(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
