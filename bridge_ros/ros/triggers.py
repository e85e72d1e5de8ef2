"""Services without arguments, whose answer is a sentence."""

from __future__ import annotations

from collections.abc import Callable

from rclpy.node import Node
from std_srvs.srv import Trigger

from bridge_ros.errors import BridgeError


def serve_trigger(node: Node, name: str, action: Callable[[], str]) -> None:
    """Serve a Trigger: `action` returns what will happen, in words, or refuses by a BridgeError."""

    def answer(_: Trigger.Request, reply: Trigger.Response) -> Trigger.Response:
        try:
            reply.success, reply.message = True, action()
        except BridgeError as error:
            reply.success, reply.message = False, str(error)
        return reply

    node.create_service(Trigger, name, answer)
