"""The clock that stamps messages, in seconds."""

from __future__ import annotations

from rclpy.node import Node


def clock_s(node: Node) -> float:
    """What a node's clock says: seconds since the epoch."""
    return float(node.get_clock().now().nanoseconds) * 1e-9
