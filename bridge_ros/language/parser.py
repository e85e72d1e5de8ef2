"""Reads a sentence such as "put the toy into the basket" as what is to be done with objects."""

from __future__ import annotations

from dataclasses import replace

from bridge_ros.errors import PlanError
from bridge_ros.language.group_parser import is_group, read_group
from bridge_ros.language.instructions import Instruction, PickPlace, Relation
from bridge_ros.language.lexicon import Token
from bridge_ros.language.object_query import ObjectQuery
from bridge_ros.language.quoting import quote
from bridge_ros.language.token_stream import READABLE, TokenStream


def read_instruction(sentence: str) -> Instruction:
    """Read one sentence.

    Raises:
        PlanError: if it is empty, too long, or not understood; says which words are the trouble.
    """
    tokens = TokenStream(sentence)
    return read_group(tokens) if is_group(tokens) else _Reader(tokens).pick_place()


class _Reader:
    """Recursive descent over `verb object [and verb it] [relation object]`."""

    def __init__(self, tokens: TokenStream) -> None:
        self._tokens = tokens

    def pick_place(self) -> PickPlace:
        tokens = self._tokens
        verb = tokens.take("pick", "place")
        if verb is None:
            raise PlanError(f"no verb at {tokens.here()}: say what to do; {READABLE}")
        target = self._object(f"what to {verb.phrase}")
        if tokens.take("and") is not None:
            second = tokens.take("pick", "place")
            if second is None or tokens.take("it") is None:
                raise PlanError(f'expected e.g. "and put it" before {tokens.here()}; {READABLE}')
            verb = second if second.kind == "place" else verb
        relation = tokens.take("relation")
        if relation is None:
            tokens.expect_end()
            if verb.kind == "place":
                raise PlanError(
                    f'"{verb.phrase} the {target}" does not say where: add in, on or next to what'
                )
            return PickPlace(verb="pick", target=target)
        on_table = tokens.take("table") is not None
        if verb.kind == "pick":
            return self._picked(verb, target, relation, on_table)
        if on_table or relation.value == "from":
            raise PlanError(
                f'"{relation.phrase}" is no place to {verb.phrase} the {target}: '
                "say in, on or next to which object"
            )
        return self._placed(target, relation)

    def _picked(
        self, verb: Token, target: ObjectQuery, relation: Token, on_table: bool
    ) -> PickPlace:
        if not (on_table and relation.value in ("on", "from")):
            raise PlanError(
                f'"{verb.phrase} ... {relation.phrase} ..." is not understood: to place it, say '
                f'"put the {target} in, on or next to ..."'
            )
        self._tokens.expect_end()
        return PickPlace(verb="pick", target=target)

    def _placed(self, target: ObjectQuery, relation: Token) -> PickPlace:
        reference = self._object(f"what to put it {relation.phrase}", same_as=target)
        self._tokens.expect_end()
        if relation.value in ("in", "to") and reference.shape == "box":
            reference = replace(reference, shape="basket")
        if relation.value == "to" and reference.shape != "basket":
            raise PlanError(
                f'"to the {reference}" does not say how: say in, on or next to the {reference}'
            )
        where: dict[str, Relation] = {"in": "in", "to": "in", "on": "on", "next to": "next to"}
        return PickPlace(
            verb="place",
            target=target,
            relation=where[relation.value],
            reference=_box_as_cube(reference),
        )

    def _object(self, wanted: str, same_as: ObjectQuery | None = None) -> ObjectQuery:
        found: dict[str, str] = {}
        while (token := self._tokens.take("colour", "shape", "size", "same")) is not None:
            part = "shape" if token.kind == "same" else token.kind
            if part in found:
                raise PlanError(
                    f"two {part}s for one object at {quote(token.phrase)}: "
                    "expected one object, e.g. the red cube"
                )
            found[part] = (same_as.shape or "") if same_as and token.kind == "same" else token.value
        several = self._tokens.take("shapes", "ones")
        if several is not None:
            raise PlanError(
                f"{quote(several.phrase)} are several: expected one object, e.g. the red cube; "
                f"{READABLE}"
            )
        if not found:
            raise PlanError(f"{wanted}? There is no object at {self._tokens.here()}; {READABLE}")
        query = ObjectQuery(**{part: value for part, value in found.items() if value})
        return query if same_as is not None else _box_as_cube(query)


def _box_as_cube(query: ObjectQuery) -> ObjectQuery:
    """A box is a block, unless something goes into it."""
    return replace(query, shape="cube") if query.shape == "box" else query
