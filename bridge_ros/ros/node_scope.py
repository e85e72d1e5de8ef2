"""Ends what a node has created since a moment: its ROS entities, and the objects given to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol, TypeVar

from rclpy.node import Node


class Closable(Protocol):
    """What holds threads, sockets or files until it is closed."""

    def close(self) -> None:
        """Release them."""


C = TypeVar("C", bound=Closable)


class NodeScope:
    """Owns all that is created on a node from now until `close`, by whatever code.

    Owned objects are closed first, the newest first, for their threads may use the node's
    publishers; then every publisher, subscription, timer, service, client and action that the node
    did not have before is destroyed.
    """

    def __init__(self, node: Node) -> None:
        self._ends = ExitStack()
        self._ends.callback(_destroy_others, node, _entities(node))

    def own(self, thing: C) -> C:
        """Close `thing` at the end of the scope; returns it."""
        self._ends.callback(thing.close)
        return thing

    def at_end(self, call: Callable[[], object]) -> None:
        """Call something at the end of the scope."""
        self._ends.callback(call)

    def close(self) -> None:
        """End everything, whatever single ends raise; the last of that is raised again."""
        self._ends.close()


def _entities(node: Node) -> set[object]:
    return {
        *node.publishers,
        *node.subscriptions,
        *node.timers,
        *node.services,
        *node.clients,
        *node.guards,
        *node.waitables,
    }


def _destroy_others(node: Node, kept: set[object]) -> None:
    """Destroy the node's entities, but those of before."""
    for entities, destroy in (
        (node.timers, node.destroy_timer),
        (node.subscriptions, node.destroy_subscription),
        (node.services, node.destroy_service),
        (node.clients, node.destroy_client),
        (node.guards, node.destroy_guard_condition),
        (node.publishers, node.destroy_publisher),
    ):
        for entity in [entity for entity in entities if entity not in kept]:
            destroy(entity)
    # Events have gone with their publishers and subscriptions; what is left are actions, which a
    # node destroys neither then nor in `destroy_node`.
    for action in [waitable for waitable in node.waitables if waitable not in kept]:
        action.destroy()
