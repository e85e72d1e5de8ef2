"""The words that can be read: phrases of one to four of them, and what they stand for."""

from __future__ import annotations

from typing import Literal, NamedTuple

TokenKind = Literal[
    "pick",
    "place",
    "rank",
    "open",
    "relation",
    "colour",
    "shape",
    "shapes",
    "size",
    "same",
    "ones",
    "each other",
    "it",
    "table",
    "furniture",
    "criterion",
    "row",
    "side",
    "direction",
    "and",
    "filler",
]


class Token(NamedTuple):
    """A known phrase: what part it plays in a sentence, and the canonical word for it."""

    kind: TokenKind
    value: str
    phrase: str


COLOURS = (
    "red",
    "orange",
    "yellow",
    "green",
    "cyan",
    "blue",
    "purple",
    "pink",
    "brown",
    "white",
    "grey",
    "black",
)
SHAPES = ("cube", "toy", "basket", "cup", "ball", "cylinder")
HOLLOW = ("basket", "cup")
"""Shapes into which others go."""

_MEANINGS: dict[tuple[TokenKind, str], str] = {
    ("pick", "pick"): "pick, pick up, grab, grasp, take, lift, lift up, get, fetch, raise",
    ("place", "place"): "put, place, drop, move, set, lay, insert, transfer, put down, set down",
    ("place", "stack"): "stack, pile, nest",
    ("rank", "rank"): "rank, arrange, line up, sort, order",
    ("open", "open"): "open, open up, pull, pull open, pull out, slide open, slide out",
    ("relation", "in"): "in, into, in to, inside, inside of, within",
    ("relation", "on"): "on, onto, on to, upon, atop, on top of, on top",
    ("relation", "next to"): "next to, beside, besides, near, close to, by, alongside",
    ("relation", "to"): "to",
    ("relation", "from"): "from, off, off of",
    ("shape", "cube"): "cube, block, brick, dice, die",
    ("shape", "box"): "box",
    ("shape", "toy"): "toy, elephant, duck, animal, plush, plushie",
    ("shape", "basket"): "basket, container, bin, bowl, tray, crate",
    ("shape", "cup"): "cup, mug, beaker",
    ("shape", "ball"): "ball, sphere",
    ("shape", "cylinder"): "cylinder, can, tin",
    ("shape", ""): "object, thing, item",
    ("shapes", "cube"): "cubes, blocks, bricks",
    ("shapes", "toy"): "toys",
    ("shapes", "cup"): "cups, mugs, beakers",
    ("shapes", "ball"): "balls",
    ("shapes", "cylinder"): "cylinders, cans, tins",
    ("same", ""): "one",
    ("ones", ""): "ones",
    ("each other", ""): "each other, one another",
    ("furniture", "drawer"): "drawer",
    ("furniture", "cabinet"): "cabinet, cupboard, dresser",
    ("furniture", "handle"): "handle",
    ("criterion", "size"): "by size, by their size, by their sizes",
    ("criterion", "colour"): "by colour, by color, by their colour, by their color",
    ("row", ""): "in a row, in one row, in a line, in order",
    ("side", "left"): "on the left, at the left, on the left side",
    ("side", "right"): "on the right, at the right, on the right side",
    ("direction", "right"): "left to right, from left to right",
    ("direction", "left"): "right to left, from right to left",
    ("it", ""): "it",
    ("size", "small"): "small, smaller, smallest, little, tiny",
    ("size", "large"): "large, larger, largest, big, bigger, biggest",
    ("colour", "cyan"): "cyan, turquoise, teal",
    ("colour", "purple"): "purple, violet, lilac",
    ("colour", "pink"): "pink, magenta",
    ("colour", "grey"): "grey, gray",
    ("table", ""): "table, tabletop, desk",
    ("and", ""): "and, then, and then",
    ("filler", ""): (
        "the, a, an, that, this, my, your, please, kindly, can you, could you, would you, "
        "will you, i want you to, i would like you to, now, just, hey, hello, hi, ok, okay, robot, "
        "up, down, for me, over there, colored, coloured, all the, all of the, of, its"
    ),
}


def _build() -> dict[tuple[str, ...], Token]:
    known: dict[tuple[str, ...], Token] = {(c,): Token("colour", c, c) for c in COLOURS}
    for (kind, value), phrases in _MEANINGS.items():
        for phrase in phrases.split(", "):
            known[tuple(phrase.split())] = Token(kind, value, phrase)
    return known


PHRASES: dict[tuple[str, ...], Token] = _build()
LONGEST_PHRASE = max(map(len, PHRASES))
