"""What the entries of a settings dataclass are: type, default, range, unit, and what they mean."""

from __future__ import annotations

import dataclasses
import re
import typing
from typing import Any

from bridge_ros.settings.ranges import Range, range_of

_UNITS = {
    "per_s": "1/s",
    "m_s": "m/s",
    "m_s2": "m/s^2",
    "m_s3": "m/s^3",
    "rad_s": "rad/s",
    "rad_s2": "rad/s^2",
    "rad_s3": "rad/s^3",
    "n_m": "N/m",
    "ns_m": "Ns/m",
    "nm_rad": "Nm/rad",
    "nms_rad": "Nms/rad",
    "m": "m",
    "s": "s",
    "rad": "rad",
    "hz": "Hz",
    "n": "N",
    "nm": "Nm",
    "px": "px",
    "mb": "MB",
}
"""By the end of a name; longer ends go first."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a settings dataclass.

    Attributes:
        name: dotted, as in `targets.max_age_s`.
        kind: its type, without its range.
        default: None where there is none.
        text: what it means; empty where its dataclass does not say.
        unit: by its name; empty where it has none.
        allowed: of the number, or of each of them; None for any.
    """

    name: str
    kind: Any
    default: Any
    text: str
    unit: str
    allowed: Range | None


def entries_of(settings_class: type, prefix: str = "") -> dict[str, Entry]:
    """All entries by dotted name, those of nested dataclasses among them."""
    bare = typing.get_type_hints(settings_class)
    annotated = typing.get_type_hints(settings_class, include_extras=True)
    texts = attribute_texts(settings_class)
    entries: dict[str, Entry] = {}
    for field in dataclasses.fields(settings_class):
        name, kind = prefix + field.name, bare[field.name]
        if dataclasses.is_dataclass(kind):
            entries |= entries_of(typing.cast(type, kind), name + ".")
            continue
        entries[name] = Entry(
            name=name,
            kind=kind,
            default=None if field.default is dataclasses.MISSING else field.default,
            text=texts.get(field.name, ""),
            unit=unit_of(field.name),
            allowed=range_of(annotated[field.name]),
        )
    return entries


def unit_of(name: str) -> str:
    """The unit that a name ends in: "m/s" of `max_speed_m_s`."""
    ends = (end for end in sorted(_UNITS, key=len, reverse=True) if name.endswith("_" + end))
    return _UNITS.get(next(ends, ""), "")


def attribute_texts(documented: type) -> dict[str, str]:
    """What a class's docstring, and those of its bases, say in `Attributes:`, by attribute.

    An entry is `name: text` or `name, other: text`; lines that are indented further go on with it.
    """
    texts: dict[str, str] = {}
    for one in reversed(documented.__mro__):
        _, _, section = (one.__dict__.get("__doc__") or "").partition("Attributes:\n")
        names: list[str] = []
        indent = re.match(r" *", section)
        for line in section.splitlines():
            if not line.strip() or not line.startswith(indent[0] if indent else ""):
                break
            entry = re.fullmatch(r"(\w+(?:, \w+)*): (.*)", line[indent.end() if indent else 0 :])
            if entry:
                names = entry[1].split(", ")
                texts |= dict.fromkeys(names, entry[2])
            else:
                texts |= {name: f"{texts[name]} {line.strip()}" for name in names}
    return texts
