"""TokenStream: a sentence as the known phrases in it, to be taken one by one."""

from __future__ import annotations

import re

from bridge_ros.errors import PlanError
from bridge_ros.language.lexicon import COLOURS, LONGEST_PHRASE, PHRASES, SHAPES, Token, TokenKind
from bridge_ros.language.quoting import quote

MAX_INSTRUCTION_CHARS = 300
"""Longer sentences are refused unread."""

READABLE = (
    'what can be read: "pick up the red cube", "put the toy into the basket", '
    '"stack the blue cube on the green cube", "place the yellow block next to the red one", '
    '"stack the cups", "rank the cubes from small to large", "open the drawer"'
)

_SEPARATORS = re.compile(r"[\s.,;:!?\"'()\-]+")


class TokenStream:
    """The phrases of a sentence without those that mean nothing, to be taken one by one.

    Raises:
        PlanError: if the sentence is empty, too long, or has unknown words.
    """

    def __init__(self, sentence: str) -> None:
        self._tokens = [token for token in _tokenise(sentence) if token.kind != "filler"]
        self._next = 0

    def take(self, *kinds: TokenKind) -> Token | None:
        """The next phrase if it is of one of these kinds, and go on behind it."""
        token = self.peek()
        if token is None or token.kind not in kinds:
            return None
        self._next += 1
        return token

    def peek(self, ahead: int = 0) -> Token | None:
        """The next phrase, or one further on; it stays where it is."""
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def here(self) -> str:
        """The rest of the sentence, quoted for a message."""
        if self.peek() is None:
            return "the end of the sentence"
        return quote(" ".join(token.phrase for token in self._tokens[self._next :]))

    def expect_end(self) -> None:
        """Raises PlanError, quoting the rest, if there is any."""
        if self.peek() is not None:
            raise PlanError(f"cannot make sense of {self.here()}; {READABLE}")


def _tokenise(sentence: str) -> list[Token]:
    if len(sentence) > MAX_INSTRUCTION_CHARS:
        raise PlanError(
            f"the sentence has {len(sentence)} characters, expected at most "
            f"{MAX_INSTRUCTION_CHARS}; it begins with {quote(sentence)}"
        )
    words = [word for word in _SEPARATORS.split(sentence.lower()) if word]
    if not words:
        raise PlanError(f"the sentence is empty; {READABLE}")
    tokens: list[Token] = []
    unknown: list[str] = []
    start = 0
    while start < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
            token = PHRASES.get(tuple(words[start : start + length]))
            if token is not None:
                tokens.append(token)
                start += length
                break
        else:
            unknown.append(words[start])
            start += 1
    if unknown:
        raise PlanError(_unknown_words(unknown))
    return tokens


def _unknown_words(unknown: list[str]) -> str:
    shown = ", ".join(quote(word) for word in unknown[:3])
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    noun = "word" if len(unknown) == 1 else "words"
    return (
        f"unknown {noun} {shown}{more}; colours: {', '.join(COLOURS)}; "
        f"things: {', '.join(SHAPES)}; {READABLE}"
    )
