"""A bounded number of tries to leave a fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Recovery:
    """Tells when the next try is due, and when to give up.

    Attributes:
        tries: how many are left.
        wait_s: between two of them.
        due_s: when the next one is.
    """

    tries: int
    wait_s: float
    due_s: float

    def is_due(self, now_s: float) -> bool:
        """Whether to try now; if so, that try counts."""
        if self.tries == 0 or now_s < self.due_s:
            return False
        self.tries -= 1
        self.due_s = now_s + self.wait_s
        return True

    @property
    def exhausted(self) -> bool:
        """Whether no try is left."""
        return self.tries == 0
