"""Sentences about several things or about furniture: stack the cups, rank the cubes, open it."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge_ros.errors import PlanError
from bridge_ros.language.instructions import Opening, Ranking, Size, Stacking
from bridge_ros.language.lexicon import HOLLOW, Token
from bridge_ros.language.quoting import quote
from bridge_ros.language.token_stream import READABLE, TokenStream

_OTHER: dict[str, Size] = {"small": "large", "large": "small"}


def is_group(tokens: TokenStream) -> bool:
    """Whether the sentence begins as one of these does."""
    verb, first, second = (tokens.peek(ahead) for ahead in range(3))
    if verb is None or verb.kind in ("rank", "open"):
        return verb is not None
    sized = first is not None and first.kind == "size"
    group = second if sized else first
    return verb.kind == "place" and group is not None and group.kind == "shapes"


def read_group(tokens: TokenStream) -> Stacking | Ranking | Opening:
    """Read a sentence of which `is_group` holds.

    Raises:
        PlanError: if it is not understood; says which words are the trouble.
    """
    verb = tokens.take("rank", "open", "place")
    assert verb is not None
    if verb.kind == "rank":
        return _ranking(tokens)
    return _opening(tokens, verb) if verb.kind == "open" else _stacking(tokens, verb)


def _opening(tokens: TokenStream, verb: Token) -> Opening:
    """`open [the] drawer [open] [of the cabinet] [by its handle]`."""
    what = tokens.take("furniture")
    if what is None:
        raise PlanError(f"what to {verb.phrase}? Expected the drawer at {tokens.here()}")
    tokens.take("open")
    while tokens.take("furniture") is not None or _by_its_handle(tokens):
        pass
    tokens.take("open")
    tokens.expect_end()
    return Opening()


def _by_its_handle(tokens: TokenStream) -> bool:
    relation, what = tokens.peek(), tokens.peek(1)
    if relation is None or what is None or relation.phrase != "by" or what.value != "handle":
        return False
    return (tokens.take("relation"), tokens.take("furniture")) != (None, None)


def _stacking(tokens: TokenStream, verb: Token) -> Stacking:
    """`stack [the small] cups [into each other | into the large ones] [from large to small]`."""
    smaller = tokens.take("size")
    group = tokens.take("shapes")
    assert group is not None
    shape = group.value
    relation = tokens.take("relation")
    if relation is not None and relation.value in ("in", "on"):
        larger = tokens.take("size")
        if tokens.take("each other", "ones", "shapes") is None:
            raise PlanError(
                f'{relation.phrase} what? Expected "each other" or "the larger ones" at '
                f"{tokens.here()}"
            )
        if (smaller and smaller.value == "large") or (larger and larger.value == "small"):
            raise PlanError(f"only smaller {shape}s go {relation.phrase} larger ones")
        if relation.value == "in" and shape not in HOLLOW:
            raise PlanError(f"{quote(group.phrase)} do not go into each other: they are not hollow")
        relation = tokens.take("relation")
    elif relation is None and verb.value != "stack":
        raise PlanError(
            f"{quote(f'{verb.phrase} the {group.phrase}')} does not say where: "
            f'"{verb.phrase}" takes one thing at a time, or say "into each other"'
        )
    if relation is not None:
        first, to, last = tokens.take("size"), tokens.take("relation"), tokens.take("size")
        known = relation.value == "from" and to is not None and to.value == "to"
        if not known or first is None or last is None or first.value == last.value:
            raise PlanError(f'expected "from large to small" before {tokens.here()}')
        if first.value == "small":
            raise PlanError('the largest goes to the bottom: say "from large to small"')
    tokens.expect_end()
    return Stacking(shape=shape)


@dataclass
class _Order:
    """What a sentence says about a row, as it is read word by word."""

    shape: str = ""
    colours: list[str] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)
    direction: str = "right"


def _ranking(tokens: TokenStream) -> Ranking:
    """`rank [the] cubes` and, in any order, how: sizes, sides, colours, the direction."""
    said = _Order()
    while (token := tokens.peek()) is not None:
        if token.kind in ("shapes", "shape"):
            if said.shape not in ("", token.value):
                raise PlanError(f"two shapes in one row: {said.shape} and {token.value}")
            said.shape = token.value
        elif token.kind == "colour":
            said.colours.append(token.value)
        elif token.kind == "size":
            said.sizes.append(token.value)
        elif token.kind == "side":
            said.sides.append(token.value)
        elif token.kind == "direction":
            said.direction = token.value
        elif token.kind not in ("criterion", "row", "and", "same", "ones") and not (
            token.kind == "relation" and token.value in ("from", "to")
        ):
            raise PlanError(f"cannot make sense of {tokens.here()} in a row; {READABLE}")
        tokens.take(token.kind)
    shape = {"": "cube", "box": "cube"}.get(said.shape, said.shape)
    if said.colours and not said.sizes:
        return Ranking(shape=shape, colours=_colours(said))
    return Ranking(shape=shape, first=_first(said))


def _colours(said: _Order) -> tuple[str, ...]:
    colours = said.colours
    if len(colours) < 2 or len(set(colours)) < len(colours):
        raise PlanError(
            f"a row takes two or more different colours, got {', '.join(colours)}: "
            f"expected e.g. red, green, blue"
        )
    from_left = said.direction == "right" and said.sides[:1] != ["right"]
    return tuple(colours if from_left else reversed(colours))


def _first(said: _Order) -> Size:
    """The size at the left."""
    sizes, sides = said.sizes, said.sides
    if said.colours or not sizes:
        raise PlanError(
            'a row in which order? Say "from small to large", or the colours from left to right'
        )
    if len(sizes) > 2 or len(sizes) == 2 and sizes[0] == sizes[1] or len(sides) > len(sizes):
        raise PlanError(f'expected "from small to large" or back, got {" ".join(sizes)}')
    if len(sides) == 2 and sides[0] == sides[1]:
        raise PlanError(f"two sizes on the {sides[0]}: expected one on either side")
    first: Size = "small" if sizes[0] == "small" else "large"
    leftwards = sides[0] == "right" if sides else said.direction == "left"
    return _OTHER[first] if leftwards else first
