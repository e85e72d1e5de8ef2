"""What a sentence can ask for: one thing picked or placed, a stack, a row, an open drawer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verb = Literal["pick", "place"]
Relation = Literal["in", "on", "next to"]
Size = Literal["small", "large"]


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


@dataclass(frozen=True, kw_only=True)
class Command:
    """One thing to do: pick `target` up, or place it in, on or next to `reference`."""

    verb: Verb
    target: ObjectQuery
    relation: Relation | None = None
    reference: ObjectQuery | None = None

    def __str__(self) -> str:
        if self.verb == "pick":
            return f"pick up the {self.target}"
        return f"put the {self.target} {self.relation} the {self.reference}"


@dataclass(frozen=True, kw_only=True)
class Stacking:
    """Stack all things of a shape, the largest at the bottom; hollow ones go into each other."""

    shape: str

    def __str__(self) -> str:
        return f"stack the {self.shape}s from large to small"


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Set things in a row, from left to right as the camera sees it.

    Attributes:
        shape: of all of them, one of `lexicon.SHAPES`.
        colours: in which order; where empty, all things of the shape are ranked by size.
        first: the size at the left, where they are ranked by size.
    """

    shape: str
    colours: tuple[str, ...] = ()
    first: Size = "small"

    def __str__(self) -> str:
        last = "large" if self.first == "small" else "small"
        order = ", ".join(self.colours) or f"from {self.first} to {last}"
        return f"rank the {self.shape}s from left to right: {order}"


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Open the drawer that is in view."""

    def __str__(self) -> str:
        return "open the drawer"


Instruction = Command | Stacking | Ranking | Opening
