"""Which things a model's subgoal names: the one place where a foreign text becomes data."""

from __future__ import annotations

import re

from bridge_ros.language.lexicon import PHRASES

_WORD = re.compile(r"[a-z]+")


def named_things(subgoal: str) -> tuple[str, ...]:
    """The things that a model's subgoal names, in its order, as `StagePlan.things`.

    A thing is a shape that the lexicon knows, with the colours that stand right before it, in the
    lexicon's words: "put the violet mug next to the large bin" names a purple cup and a basket.
    """
    things: list[str] = []
    colours: list[str] = []
    for word in _WORD.findall(subgoal.lower()):
        token = PHRASES.get((word,))
        if token is not None and token.kind == "colour":
            colours.append(token.value)
            continue
        if token is not None and token.kind == "shape" and token.value:
            things.append(" ".join([*colours, token.value]))
        colours.clear()
    return tuple(things)
