"""Settings of a recording, as `config/record.yaml` holds them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from bridge_ros.errors import ConfigError
from bridge_ros.settings.config_file import settings_file
from bridge_ros.settings.ranges import NotNegative, Range, check_ranges


@dataclass(frozen=True, kw_only=True)
class TopicLists:
    """What is recorded: name -> type, such as `/bridge/plan: bridge_interfaces/msg/WaypointPlan`.

    Attributes:
        latched: by their publishers; what was said last before the recording began is part of it.
        reliable: every message from now on.
        best_effort: what may be lost on the way; fits every publisher.
    """

    latched: Mapping[str, str] = field(default_factory=dict)
    reliable: Mapping[str, str] = field(default_factory=dict)
    best_effort: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [*self.latched, *self.reliable, *self.best_effort]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ConfigError(f"topics: expected each name once, got {twice} twice")
        for name, kind in self.types.items():
            if not name.startswith("/") or not re.fullmatch(r"\w+/msg/\w+", str(kind)):
                raise ConfigError(f"topics: expected /name: package/msg/Type, got {name}: {kind}")

    @property
    def types(self) -> dict[str, str]:
        """All names with their types."""
        return {**self.latched, **self.reliable, **self.best_effort}


@dataclass(frozen=True, kw_only=True)
class RecordingSettings:
    """Settings of a recording.

    Attributes:
        topics: what is recorded.
        compression: of the chunks.
        commit_s: how often what was heard is written and synced; the most that a killed recorder
            loses.
        queue_mb: what may wait for a slow disk; beyond it messages are dropped, images first.
        min_free_mb: with less left on the disk the episode is ended while it can be.
    """

    topics: TopicLists = field(default_factory=TopicLists)
    compression: Literal["lz4", "zstd", "none"] = "lz4"
    commit_s: Annotated[float, Range(0.05, 1.0)] = 0.5
    queue_mb: Annotated[float, Range(1.0)] = 128.0
    min_free_mb: NotNegative = 500.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if not self.topics.types:
            raise ConfigError("topics: expected at least one topic to record, got none")

    @classmethod
    def load(cls, path: str | Path = "config/record.yaml") -> RecordingSettings:
        """Read the file.

        Raises:
            ConfigError: naming what is unknown or unusable.
        """
        return settings_file(cls, path)
