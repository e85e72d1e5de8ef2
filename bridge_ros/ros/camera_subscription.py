"""Subscriptions to a camera's topics, which a foreign node may publish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.subscription import Subscription

from bridge_ros.ros import topics


def subscribe_camera(
    node: Node, kind: type, topic: str, callback: Callable[[Any], None]
) -> Subscription[Any]:
    """Hear the newest message; a quality of service or a type that does not fit is warned of."""
    return node.create_subscription(
        kind, topic, callback, topics.SENSOR, event_callbacks=SubscriptionEventCallbacks()
    )
