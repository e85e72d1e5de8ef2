"""ObjectQuery: what tells one object from others, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ObjectQuery:
    """What a sentence says about one object; None where it says nothing.

    Attributes:
        colour: one of `lexicon.COLOURS`.
        shape: one of `lexicon.SHAPES`.
        size: "small" or "large", among the objects that fit the rest.
    """

    colour: str | None = None
    shape: str | None = None
    size: str | None = None

    def __str__(self) -> str:
        words = [word for word in (self.size, self.colour, self.shape or "object") if word]
        return " ".join(words)
