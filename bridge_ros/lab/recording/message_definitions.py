"""Message types by name: their classes, and the text that describes them to who knows no ROS."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import Any

from bridge_ros.errors import ConfigError

_BUILT_IN = re.compile(
    r"(bool|byte|char|float32|float64|u?int(8|16|32|64)|w?string(<=\d+)?)(\[[^]]*\])?"
)
_SEPARATOR = "=" * 80


def message_class(kind: str) -> Any:
    """The class of a type such as `std_msgs/msg/String`.

    Raises:
        ConfigError: if it is not installed.
    """
    package, _, name = kind.split("/")
    try:
        return getattr(importlib.import_module(f"{package}.msg"), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"{kind}: expected an installed message type ({error}); source the workspace that "
            f"has {package}"
        ) from error


def message_definition(kind: str) -> str:
    """The type's .msg file, followed by those that it names, as MCAP's `ros2msg` wants them.

    Raises:
        ConfigError: if one is not installed.
    """
    texts: dict[str, str] = {}
    _collect(kind.replace("/msg/", "/"), texts)
    first, *others = texts.items()
    return first[1] + "".join(f"\n{_SEPARATOR}\nMSG: {name}\n{text}" for name, text in others)


def _collect(name: str, texts: dict[str, str]) -> None:
    """Add the text of `package/Type`, then those of its fields' types."""
    if name in texts:
        return
    package, short = name.split("/")
    texts[name] = _message_file(package, short).read_text(encoding="utf-8")
    for line in texts[name].splitlines():
        words = line.partition("#")[0].split()
        if len(words) > 1 and not _BUILT_IN.fullmatch(words[0]):
            field = words[0].partition("[")[0]
            _collect(field if "/" in field else f"{package}/{field}", texts)


def _message_file(package: str, short: str) -> Path:
    # A ROS install names its folders here; that of a virtual environment is the environment itself.
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    for prefix in [*prefixes, sys.prefix]:
        file = Path(prefix, "share", package, "msg", f"{short}.msg")
        if file.is_file():
            return file
    raise ConfigError(
        f"{package}/msg/{short}: its .msg file was not found under AMENT_PREFIX_PATH or "
        f"{sys.prefix}"
    )
