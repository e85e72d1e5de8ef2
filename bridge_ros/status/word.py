"""The base of every enum whose values travel in messages and files."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class Word(str, Enum):
    """A member equals its value, and is formatted as it, on every Python."""

    __str__ = str.__str__

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The member of that value; None for a text that is none of them."""
        try:
            return cls(text)
        except ValueError:
            return None
