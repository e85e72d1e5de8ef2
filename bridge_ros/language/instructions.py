"""What a sentence can ask for: one thing picked or placed, a stack, a row, an open drawer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge_ros.language.object_query import ObjectQuery

Verb = Literal["pick", "place"]
Relation = Literal["in", "on", "next to"]
Size = Literal["small", "large"]


@dataclass(frozen=True, kw_only=True)
class PickPlace:
    """Pick `target` up, or place it in, on or next to `reference`."""

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


Instruction = PickPlace | Stacking | Ranking | Opening
