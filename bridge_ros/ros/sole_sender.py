"""Of several that publish on one topic, the one that is listened to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


class SoleSender:
    """Listens to whoever speaks first, until it has been silent for a while; ignores all others.

    The middleware tells senders apart since ROS 2 Jazzy; before, everybody is listened to.

    Args:
        silence_s: after so long somebody else may speak.
    """

    def __init__(self, silence_s: float) -> None:
        self._silence_s = silence_s
        self._sender = b""
        self._heard_s = -math.inf
        self.ignored = 0

    def accepts(self, info: Mapping[str, Any], now_s: float) -> bool:
        """Whether to listen to a message.

        Args:
            info: what rclpy tells about it.
        """
        gid = info.get("publisher_gid")
        if gid is None:
            return True
        sender = bytes(gid["data"])
        if sender != self._sender and now_s - self._heard_s <= self._silence_s:
            self.ignored += 1
            return False
        self._sender, self._heard_s = sender, now_s
        return True
