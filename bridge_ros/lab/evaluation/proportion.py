"""A share of successes and what it is worth: Wilson's score interval, and Newcombe's."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from bridge_ros.errors import ConfigError

_Z_95 = 1.959964


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """Successes among trials."""

    successes: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.successes <= self.trials:
            raise ConfigError(
                f"proportion: expected 0 to {self.trials} successes, got {self.successes}"
            )

    @property
    def share(self) -> float:
        """Successes over trials; 0 where there are none."""
        return self.successes / self.trials if self.trials else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of Wilson (1927); 0 to 1 where there are no trials."""
        if not self.trials:
            return 0.0, 1.0
        n, p, z = self.trials, self.share, _Z_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def minus(self, other: Proportion) -> tuple[float, float, float]:
        """The difference to another share, and its 95 % interval (Newcombe 1998, method 10)."""
        difference = self.share - other.share
        (low, high), (other_low, other_high) = self.interval, other.interval
        below = sqrt((self.share - low) ** 2 + (other_high - other.share) ** 2)
        above = sqrt((high - self.share) ** 2 + (other.share - other_low) ** 2)
        return difference, difference - below, difference + above

    def __add__(self, other: Proportion) -> Proportion:
        return Proportion(
            successes=self.successes + other.successes, trials=self.trials + other.trials
        )

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.share:.2f} [{low:.2f}, {high:.2f}]"
