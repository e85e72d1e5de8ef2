"""How words of a sentence are quoted in messages."""

from __future__ import annotations

_MAX_QUOTE = 24


def quote(text: str) -> str:
    """`text` in quotes for a message: printable ASCII, and shortened where it is long."""
    shown = text if len(text) <= _MAX_QUOTE else text[: _MAX_QUOTE - 3] + "..."
    return '"' + shown.encode("ascii", "backslashreplace").decode() + '"'
