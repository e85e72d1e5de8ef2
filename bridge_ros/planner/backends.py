"""The registry of the planner's backends, and their settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from bridge_ros.errors import ConfigError
from bridge_ros.plan import PlanLimits
from bridge_ros.planner.classical.planner import ClassicalPlanner, ClassicalSettings
from bridge_ros.planner.manual import ManualPlanner, ManualSettings
from bridge_ros.planner.protocol import Planner
from bridge_ros.planner.small_planner import SMALL_PLANNER, expect_small_planner
from bridge_ros.planner.vlm.logged_planner import LoggedPlanner
from bridge_ros.planner.vlm.openai_chat import OpenAIChat, OpenAISettings
from bridge_ros.planner.vlm.plan_log import PlanLog, PlanLogSettings
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner, VlmSettings

S = TypeVar("S", bound="BackendSettings")


@dataclass(frozen=True, kw_only=True)
class BackendSettings:
    """Who thinks, and how.

    Attributes:
        backend: who thinks: classical, manual, openai, transformers or vlm.
    """

    backend: str = "classical"
    limits: PlanLimits = field(default_factory=PlanLimits)
    log: PlanLogSettings = field(default_factory=PlanLogSettings)
    classical: ClassicalSettings = field(default_factory=ClassicalSettings)
    vlm: VlmSettings = field(default_factory=VlmSettings)
    openai: OpenAISettings = field(default_factory=OpenAISettings)
    transformers: TransformersSettings = field(default_factory=TransformersSettings)
    manual: ManualSettings = field(default_factory=ManualSettings)

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ConfigError(f"backend: expected one of {sorted(BACKENDS)}, got {self.backend!r}")

    def with_small_model(self: S, folder: str = SMALL_PLANNER) -> S:
        """The backend `transformers` with the small model, or another one that lies in a folder.

        Raises:
            ConfigError: if there is no model in it; says how to train one.
        """
        model = str(expect_small_planner(folder))
        transformers = replace(
            self.transformers,
            model=model,
            coordinates="auto",
            device_map=None,
            quantization="none",
        )
        return replace(self, backend="transformers", transformers=transformers)


def _openai(settings: BackendSettings) -> Planner:
    return VlmPlanner(OpenAIChat(settings.openai), settings.vlm, settings.limits)


def _transformers(settings: BackendSettings) -> Planner:
    # Imports torch, which nobody else here needs.
    from bridge_ros.planner.vlm.transformers_chat import TransformersChat

    return VlmPlanner(TransformersChat(settings.transformers), settings.vlm, settings.limits)


def _vlm(settings: BackendSettings) -> Planner:
    return _transformers(settings.with_small_model())


BACKENDS: dict[str, Callable[[BackendSettings], Planner]] = {
    "classical": lambda settings: ClassicalPlanner(settings.classical),
    "manual": lambda settings: ManualPlanner(settings.manual, settings.limits),
    "openai": _openai,
    "transformers": _transformers,
    "vlm": _vlm,
}


def make_planner(settings: BackendSettings) -> Planner:
    """The backend that the settings name, loaded and ready to plan.

    Raises:
        ConfigError: if it cannot be loaded; says what is missing.
    """
    planner = BACKENDS[settings.backend](settings)
    if settings.log.folder is None:
        return planner
    log = PlanLog(Path(settings.log.folder).expanduser(), settings.log.keep)
    return LoggedPlanner(planner, log, settings.limits)
