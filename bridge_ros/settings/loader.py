"""The one way from named entries, of a file, a node or a command line, to a settings dataclass."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from bridge_ros.errors import ConfigError

S = TypeVar("S")


def settings_from(
    settings_class: type[S], entries: Mapping[str, Any], *, source: str, section: str = ""
) -> S:
    """A settings dataclass from entries; what they leave out keeps its default.

    Args:
        entries: nested as the dataclass is, or named with dots (`targets.max_age_s`), or both.
            Whole numbers may stand where floats are meant, lists where tuples are, and an empty
            text where None is allowed.
        source: where the entries stand, for messages: a file, or a node's name.
        section: the dotted name of the dataclass itself in there.

    Raises:
        ConfigError: naming the source and the entry that is unknown, missing or unusable.
    """
    at = f"{section}." if section else ""
    hints = typing.get_type_hints(settings_class)
    fields = {field.name: field for field in dataclasses.fields(typing.cast(Any, settings_class))}
    own = _by_field(settings_class, entries, source, at)
    values: dict[str, Any] = {}
    for name, value in own.items():
        kind = hints[name]
        if dataclasses.is_dataclass(kind):
            if not isinstance(value, Mapping):
                known = ", ".join(field.name for field in dataclasses.fields(kind))
                raise ConfigError(f"{source}: {at}{name}: expected entries {known}, got {value!r}")
            values[name] = settings_from(
                typing.cast(type, kind), value, source=source, section=at + name
            )
        else:
            values[name] = _converted(value, kind, f"{source}: {at}{name}")
    for name, field in fields.items():
        if name not in values and _is_required(field):
            raise ConfigError(f"{source}: {at}{name}: expected an entry, got none")
    try:
        return settings_class(**values)
    except ConfigError as error:
        raise ConfigError(f"{source}: {at}{error}") from error


def names_of(settings_class: type, prefix: str = "") -> list[str]:
    """The dotted names of all entries of a settings dataclass."""
    hints, names = typing.get_type_hints(settings_class), []
    for field in dataclasses.fields(settings_class):
        if dataclasses.is_dataclass(kind := hints[field.name]):
            names += names_of(typing.cast(type, kind), f"{prefix}{field.name}.")
        else:
            names.append(prefix + field.name)
    return names


def flatten(settings: Any, prefix: str = "") -> dict[str, Any]:
    """The entries of a settings dataclass by dotted name, which `settings_from` takes back.

    Tuples become lists and None becomes an empty text, as a parameter file has them.
    """
    entries: dict[str, Any] = {}
    for field in dataclasses.fields(settings):
        value, name = getattr(settings, field.name), prefix + field.name
        if dataclasses.is_dataclass(value):
            entries.update(flatten(value, name + "."))
        elif value is None:
            entries[name] = ""
        else:
            entries[name] = list(value) if isinstance(value, tuple) else value
    return entries


def _by_field(
    settings_class: type, entries: Mapping[str, Any], source: str, at: str
) -> dict[str, Any]:
    """The entries by the dataclass's own fields; of dotted names the rest goes into a mapping."""
    hints = typing.get_type_hints(settings_class)
    own: dict[str, Any] = {}
    unknown = []
    for key, value in entries.items():
        name, _, rest = str(key).partition(".")
        if name not in hints or (rest and not dataclasses.is_dataclass(hints[name])):
            unknown.append(str(key))
        elif rest or isinstance(value, Mapping) and isinstance(own.get(name), Mapping):
            own[name] = {**own.get(name, {}), **({rest: value} if rest else value)}
        else:
            own[name] = value
    if unknown:
        told = ", ".join(f"{at}{key}" for key in sorted(unknown))
        advice = _advice(unknown[0], names_of(settings_class), at)
        raise ConfigError(f"{source}: expected known entries, got {told}; {advice}")
    return own


def _advice(unknown: str, names: list[str], at: str) -> str:
    """What may have been meant by an unknown name."""
    last = unknown.rpartition(".")[2]
    meant = [name for name in names if name.rpartition(".")[2] == last]
    meant = meant or difflib.get_close_matches(unknown, names, n=1, cutoff=0.5)
    if meant:
        return f"did you mean {at}{meant[0]}?"
    return "known: " + ", ".join(dict.fromkeys(name.partition(".")[0] for name in names))


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _converted(value: Any, kind: Any, name: str) -> Any:
    """A value as a field's type."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None or value == "":
            return None
        return _converted(value, next(a for a in arguments if a is not type(None)), name)
    if origin is typing.Literal:
        if value not in arguments:
            raise ConfigError(f"{name}: expected one of {list(arguments)}, got {value!r}")
        return value
    if origin is tuple:
        return _tuple(value, arguments, name)
    if origin is not None:
        if not isinstance(value, Mapping):
            raise ConfigError(f"{name}: expected names with values, got {value!r}")
        return {
            str(key): _converted(one, arguments[1], f"{name}.{key}") for key, one in value.items()
        }
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        hint = "; YAML takes 1e-3 for a text, 1.0e-3 for a number" if _looks_like(value) else ""
        raise ConfigError(f"{name}: expected {kind.__name__}, got {value!r}{hint}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{name}: expected a finite number, got {value}")
    return value


def _tuple(value: Any, arguments: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        raise ConfigError(f"{name}: expected a list, got {value!r}")
    items = list(value)
    kinds = [arguments[0]] * len(items) if arguments[-1] is Ellipsis else list(arguments)
    if len(kinds) != len(items):
        raise ConfigError(f"{name}: expected {len(kinds)} values, got {items}")
    return tuple(_converted(item, kind, name) for item, kind in zip(items, kinds, strict=True))


def _looks_like(value: Any) -> bool:
    """Whether a text is a number to everybody but YAML."""
    try:
        return isinstance(value, str) and float(value) is not None
    except ValueError:
        return False
