"""Reads settings dataclasses from YAML: the nodes' own parameter files, and the evaluation's."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.settings.resources import resource_path

S = TypeVar("S")


def node_file(node: str) -> Path:
    """The parameter file of a node: `config/<node>.yaml`.

    Raises:
        ConfigError: if it is missing.
    """
    return resource_path(Path("config") / f"{node}.yaml")


def node_section(node: str, *sections: str) -> Mapping[str, Any]:
    """The parameters of `config/<node>.yaml`, or of one of its sections.

    Raises:
        ConfigError: if the file or the section is missing.
    """
    path = node_file(node)
    entries: Any = yaml.safe_load(path.read_text())
    for key in (node, "ros__parameters", *sections):
        if not isinstance(entries, dict) or key not in entries:
            raise ConfigError(f"{path}: expected an entry {key!r}")
        entries = entries[key]
    return typing.cast(Mapping[str, Any], entries)


def settings_file(settings_class: type[S], path: str | Path) -> S:
    """A settings dataclass from a YAML file of its own; a relative path may be the package's.

    Raises:
        ConfigError: naming what is unknown or unusable.
    """
    file = resource_path(path)
    try:
        entries: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: expected a YAML file: {error}") from error
    if not isinstance(entries, dict):
        known = ", ".join(f.name for f in dataclasses.fields(typing.cast(Any, settings_class)))
        raise ConfigError(f"{file}: expected entries of {known}; got {entries!r}")
    return settings_from(settings_class, entries, name=file.stem)


def settings_from(settings_class: type[S], entries: Mapping[str, Any], *, name: str) -> S:
    """A settings dataclass from nested entries; what they leave out keeps its default.

    Raises:
        ConfigError: for entries that the dataclass does not know, and from its own checks.
    """
    hints = typing.get_type_hints(settings_class)
    fields = {field.name for field in dataclasses.fields(typing.cast(Any, settings_class))}
    if unknown := sorted(set(entries) - fields):
        raise ConfigError(f"{name}: unknown entries {unknown}; known: {sorted(fields)}")
    values: dict[str, Any] = {}
    for key, value in entries.items():
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, Mapping):
            values[key] = settings_from(typing.cast(type, hints[key]), value, name=f"{name}.{key}")
        elif isinstance(value, list):
            values[key] = tuple(value)
        else:
            values[key] = None if value == "" else value
    try:
        return settings_class(**values)
    except TypeError as error:
        raise ConfigError(f"{name}: {error}") from error


def node_settings(settings_class: type[S], node: str, *sections: str) -> S:
    """The settings that a node of the deployment has, read from its file.

    Raises:
        ConfigError: see `node_section` and `settings_from`.
    """
    entries = node_section(node, *sections)
    return settings_from(settings_class, entries, name=".".join((node, *sections)))
