"""Brings together what was taken at the same instant but arrives one by one."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class StampPairing(Generic[T]):
    """Pairs colour and depth images by identical stamp; what never finds its partner is dropped.

    Args:
        capacity: how many stamps may wait for their partner.
    """

    def __init__(self, capacity: int = 6) -> None:
        self._capacity = capacity
        self._waiting: OrderedDict[tuple[int, int], dict[str, T]] = OrderedDict()

    def offer(self, kind: str, stamp: tuple[int, int], item: T) -> tuple[T, T] | None:
        """Take in one item; a (colour, depth) pair if it completes one.

        Args:
            kind: "color" or "depth".
            stamp: seconds and nanoseconds.
        """
        waiting = self._waiting.setdefault(stamp, {})
        waiting[kind] = item
        if len(waiting) == 2:
            del self._waiting[stamp]
            return waiting["color"], waiting["depth"]
        while len(self._waiting) > self._capacity:
            self._waiting.popitem(last=False)
        return None
