"""Ranges of numbers, beside a field's type: `rate_hz: Annotated[float, Range(5.0, 50.0)]`."""

from __future__ import annotations

import math
import typing
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from bridge_ros.errors import ConfigError


@dataclass(frozen=True)
class Range:
    """The finite numbers from `least` to `most`, more than `above` and less than `below`."""

    least: float = -math.inf
    most: float = math.inf
    above: float | None = None
    below: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest of them, or the numbers that they come near to."""
        above = self.least if self.above is None else max(self.least, self.above)
        below = self.most if self.below is None else min(self.most, self.below)
        return above, below

    def __contains__(self, value: float) -> bool:
        return (
            math.isfinite(value)
            and self.least <= value <= self.most
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        bounds = [
            ("more than", self.above),
            ("at least", self.least),
            ("less than", self.below),
            ("at most", self.most),
        ]
        told = [(word, f"{bound:g}") for word, bound in bounds if _is_finite(bound)]
        if [word for word, _ in told] == ["at least", "at most"]:
            return f"{told[0][1]} to {told[1][1]}"
        return ", ".join(" ".join(bound) for bound in told) or "a finite number"


Positive = Annotated[float, Range(above=0.0)]
NotNegative = Annotated[float, Range(0.0)]
Share = Annotated[float, Range(0.0, 1.0)]
Count = Annotated[int, Range(1)]
"""At least one."""
Port = Annotated[int, Range(1, 65535)]


def _is_finite(bound: float | None) -> bool:
    return bound is not None and math.isfinite(bound)


def range_of(annotated: Any) -> Range | None:
    """The range in a field's annotation; None if there is none."""
    arguments = getattr(annotated, "__metadata__", ())
    return next((one for one in arguments if isinstance(one, Range)), None)


def check_ranges(settings: Any) -> None:
    """Refuse a dataclass with a number that is not in the range beside its type.

    Raises:
        ConfigError: naming the field, its range and its value.
    """
    settings_class: Any = type(settings)
    for name, allowed in _ranges(settings_class).items():
        value = getattr(settings, name)
        for number in value if isinstance(value, tuple) else (value,):
            if not math.isfinite(number):
                raise ConfigError(f"{name}: expected a finite number, got {value}")
            if number not in allowed:
                raise ConfigError(f"{name}: expected {allowed}, got {value}")


@cache
def _ranges(settings_class: type) -> dict[str, Range]:
    hints = typing.get_type_hints(settings_class, include_extras=True)
    ranges = {name: range_of(kind) for name, kind in hints.items()}
    return {name: allowed for name, allowed in ranges.items() if allowed is not None}
