"""The one JSON object in a model's reply, read as strictly as what comes from strangers must be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from bridge_ros.errors import PlanError

MAX_REPLY_CHARS = 20_000
_MAX_DEPTH = 6
_MAX_NUMBER = 1e7
_THOUGHT = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)


def object_in(reply: str) -> dict[str, Any]:
    """The only JSON object of a reply; prose or a code fence around it is passed over.

    Raises:
        PlanError: if there is none or more than one, or it is cut, nested too deep, or has a key
            twice or a number that JSON does not know.
    """
    if len(reply) > MAX_REPLY_CHARS:
        raise PlanError(f"reply: expected at most {MAX_REPLY_CHARS} characters, got {len(reply)}")
    text = _THOUGHT.sub("", reply, count=1)
    start = text.find("{")
    if start < 0:
        raise PlanError(f"reply: expected one JSON object, got {shorten(text) or 'nothing'}")
    _check_depth(text[start:])
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
    try:
        found, end = decoder.raw_decode(text, start)
    except PlanError:
        raise
    except ValueError as error:  # Of broken JSON, and of numbers with thousands of digits.
        raise PlanError(f"reply: expected one JSON object, got broken JSON: {error}") from error
    if "{" in text[end:]:
        raise PlanError("reply: expected one JSON object, got more than one")
    assert isinstance(found, dict)
    return found


def expect_keys(entries: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Check that these and no other keys are there. Raises PlanError."""
    expected, got = sorted(keys), sorted(entries)
    if expected != got:
        shown = shorten(", ".join(map(str, got)))
        raise PlanError(f"reply: expected the keys {', '.join(expected)}; got {shown}")


def numbers(value: object, name: str, count: int) -> list[float]:
    """A list of so many finite numbers. Raises PlanError."""
    if not isinstance(value, list) or len(value) != count:
        raise PlanError(f"{name}: expected {count} numbers, got {shorten(value)}")
    return [number(item, name) for item in value]


def number(value: object, name: str) -> float:
    """A finite number of sensible size. Raises PlanError."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not -_MAX_NUMBER <= value <= _MAX_NUMBER:  # type: ignore[operator]
        raise PlanError(f"{name}: expected a number, got {shorten(value)}")
    return float(value)  # type: ignore[arg-type]


def sentence(value: object, name: str, max_chars: int) -> str:
    """A text in one line, without characters that do more than show themselves.

    Raises:
        PlanError: if it is no text, or one without anything to read.
    """
    if not isinstance(value, str):
        raise PlanError(f"{name}: expected a text, got {shorten(value)}")
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    if not line:
        raise PlanError(f"{name}: expected a text, got an empty one")
    return line if len(line) <= max_chars else line[: max_chars - 1] + "…"


def shorten(value: object, max_chars: int = 80) -> str:
    """A value for an error message: readable, and never long."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _MAX_NUMBER:
        return "a huge number"
    text = value if isinstance(value, str) else repr(value)
    line = "".join(c if c.isprintable() else " " for c in text[: 2 * max_chars]).strip()
    return line if len(line) <= max_chars else line[: max_chars - 1] + "…"


def _check_depth(text: str) -> None:
    """JSON's own parser goes as deep as it is led, until the stack ends."""
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                raise PlanError(f"reply: expected at most {_MAX_DEPTH} levels of nesting")
        elif character in "]}":
            depth -= 1
        else:
            in_string = character == '"'


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise PlanError("reply: expected every key once, got one twice")
    return entries


def _no_constant(constant: str) -> float:
    raise PlanError(f"reply: expected finite numbers, got {constant}")
