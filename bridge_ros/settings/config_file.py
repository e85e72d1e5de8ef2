"""Reads settings from YAML files: a node's parameter file, or a file of a command's own."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from bridge_ros.errors import ConfigError
from bridge_ros.settings.loader import settings_from
from bridge_ros.settings.resources import resource_path

S = TypeVar("S")


def read_yaml(path: str | Path) -> Any:
    """What a YAML file holds; a relative path may be the package's.

    Raises:
        ConfigError: if it is missing, or no YAML.
    """
    file = resource_path(path)
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: expected a YAML file: {error}") from error


def settings_file(settings_class: type[S], path: str | Path) -> S:
    """A settings dataclass from a YAML file of its own; a relative path may be the package's.

    Raises:
        ConfigError: see `read_yaml` and `settings_from`.
    """
    file = resource_path(path)
    entries = read_yaml(file)
    if not isinstance(entries, Mapping):
        raise ConfigError(f"{file}: expected names with values, got {entries!r}")
    return settings_from(settings_class, entries, source=str(file))


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
    entries: Any = read_yaml(path)
    for key in (node, "ros__parameters", *sections):
        if not isinstance(entries, Mapping) or key not in entries:
            raise ConfigError(f"{path}: expected an entry {key!r}")
        entries = entries[key]
    return typing.cast(Mapping[str, Any], entries)


def node_settings(
    settings_class: type[S], node: str, *sections: str, changes: Mapping[str, Any] | None = None
) -> S:
    """The settings that a node of the deployment has, read from its file.

    Args:
        changes: entries of the section that are to differ from the file's.

    Raises:
        ConfigError: see `node_section` and `settings_from`.
    """
    entries = {**node_section(node, *sections), **(changes or {})}
    source, section = str(node_file(node)), ".".join(sections)
    return settings_from(settings_class, entries, source=source, section=section)
