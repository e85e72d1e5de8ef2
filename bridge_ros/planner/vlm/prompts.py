"""The planner's words to a model: versioned files, since models are fine-tuned on them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from string import Template

from bridge_ros.errors import ConfigError
from bridge_ros.settings.config_file import settings_file

_PLACEHOLDERS: dict[str, set[str]] = {
    "version": set(),
    "system": set(),
    "anchor": {"instruction", "history", "width", "height"},
    "waypoints": {"u", "v", "depth", "max_waypoints", "max_opening"},
    "correction": {"trouble"},
}


@dataclass(frozen=True, kw_only=True)
class Prompts:
    """One version of the prompts; `$name` in them is replaced by `fill`.

    Attributes:
        version: is kept with every plan and every fine-tuned model.
        system: goes before everything.
        anchor: step one: $instruction, $history, $width, $height.
        waypoints: step two: $u, $v, $depth, $max_waypoints, $max_opening.
        correction: after a reply that cannot be used: $trouble.
    """

    version: str
    system: str
    anchor: str
    waypoints: str
    correction: str

    def __post_init__(self) -> None:
        for field in fields(self):
            text, known = getattr(self, field.name), _PLACEHOLDERS[field.name]
            if not text.strip():
                raise ConfigError(f"{field.name}: expected a text, got {text!r}")
            used = {match["named"] or match["braced"] or "$" for match in _matches(text)}
            if used != known:
                raise ConfigError(
                    f"{field.name}: expected the placeholders {sorted(known)}, got {sorted(used)}"
                )

    @staticmethod
    def load(path: Path) -> Prompts:
        """Read a file such as config/prompts/v1.yaml.

        Raises:
            ConfigError: if it is no such file; says which entry is wrong.
        """
        return settings_file(Prompts, path)

    def fill(self, name: str, **values: object) -> str:
        """The prompt `name` with its placeholders replaced, once: values are never read again."""
        return Template(getattr(self, name)).substitute(values)


def _matches(text: str) -> list[dict[str, str]]:
    found = [match.groupdict(default="") for match in Template.pattern.finditer(text)]
    return [match for match in found if not match["escaped"]]
