"""ROS parameters as a component's settings dataclass: both name the same keys."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.node import Node

from bridge_ros.errors import ConfigError

S = TypeVar("S")


def flatten(settings: Any, prefix: str = "") -> dict[str, Any]:
    """The entries of a (nested) settings dataclass by dotted parameter name.

    Tuples become lists and None becomes an empty string, as ROS parameters know neither.
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


def build(settings_class: type[S], entries: Mapping[str, Any], prefix: str = "") -> S:
    """The settings dataclass that `flatten` would turn into `entries`.

    Raises:
        ConfigError: from the dataclass's own checks, or for a value of the wrong type.
    """
    hints = typing.get_type_hints(settings_class)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(typing.cast(Any, settings_class)):
        name, kind = prefix + field.name, hints[field.name]
        if dataclasses.is_dataclass(kind):
            values[field.name] = build(typing.cast(type, kind), entries, name + ".")
        elif name in entries:
            values[field.name] = _convert(entries[name], kind, name)
    return settings_class(**values)


def declare_settings(node: Node, settings_class: type[S]) -> S:
    """Declare a parameter for every entry of `settings_class()` and read back what was set.

    Raises:
        ConfigError: for an unusable value, or a parameter file that names an unknown entry.
    """
    defaults = flatten(typing.cast(Any, settings_class)())
    unknown = set(node._parameter_overrides) - set(defaults) - {"use_sim_time"}
    unknown = {name for name in unknown if not name.startswith("qos_overrides.")}
    if unknown:
        raise ConfigError(
            f"{node.get_name()}: unknown parameters {sorted(unknown)}; known: {sorted(defaults)}"
        )
    dynamic = ParameterDescriptor(dynamic_typing=True)
    entries = {
        name: node.declare_parameter(name, default, dynamic).value
        for name, default in defaults.items()
    }
    return build(settings_class, entries)


def _convert(value: Any, kind: Any, name: str) -> Any:
    """A parameter's value as the field's type; whole numbers may stand where floats are meant."""
    options = typing.get_args(kind)
    if type(None) in options:
        if value == "":
            return None
        kind = next(option for option in options if option is not type(None))
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        allowed = typing.get_args(kind)
        if value not in allowed:
            raise ConfigError(f"{name}: expected one of {list(allowed)}, got {value!r}")
        return value
    if origin is tuple:
        if not hasattr(value, "__iter__") or isinstance(value, str):
            raise ConfigError(f"{name}: expected a list, got {value!r}")
        item = typing.get_args(kind)[0]
        return tuple(_convert(element, item, name) for element in value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ConfigError(f"{name}: expected {kind.__name__}, got {value!r}")
    return value
