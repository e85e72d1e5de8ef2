"""What makes a node fail when told to: a word on a topic of its own, and a clock that jumps."""

from __future__ import annotations

from typing import Any, TypeVar

from rclpy.clock import Clock
from rclpy.duration import Duration
from rclpy.time import Time
from std_msgs.msg import String

from bridge_ros.lab.faults.fault_topics import FAULTS_QOS, clock_jump_s, fault_topic
from bridge_ros.ros.node import BridgeNode

S = TypeVar("S")


class FaultyNode(BridgeNode[S]):
    """To be mixed in before a node's own class.

    Subscribes: /faults/<node> (String): which fault to have; empty for none.

    Attributes:
        word: that fault; `clock +5` is understood by every node.
    """

    word = ""

    def configure(self) -> None:
        super().configure()
        self.create_subscription(String, fault_topic(self.get_name()), self._on_word, FAULTS_QOS)

    def get_clock(self) -> Any:
        """The node's clock, as far ahead as the word says."""
        jump_s = clock_jump_s(self.word)
        clock = super().get_clock()
        return _JumpedClock(clock, jump_s) if jump_s else clock

    def _on_word(self, message: String) -> None:
        self.word = message.data


class _JumpedClock:
    """Tells another time than the clock it is made of."""

    def __init__(self, clock: Clock, jump_s: float) -> None:
        self._clock = clock
        self._jump = Duration(nanoseconds=round(jump_s * 1e9))

    def now(self) -> Time:
        return self._clock.now() + self._jump
