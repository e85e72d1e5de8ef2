"""The planner's settings, and the registry of its backends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge_ros.errors import ConfigError
from bridge_ros.planner.checks import PlanLimits
from bridge_ros.planner.classical import ClassicalPlanner, ClassicalSettings
from bridge_ros.planner.plan import Planner
from bridge_ros.planner.small_planner import SMALL_PLANNER, expect_small_planner
from bridge_ros.planner.task import TaskSettings
from bridge_ros.planner.vlm.logged_planner import LoggedPlanner
from bridge_ros.planner.vlm.manual import ManualPlanner, ManualSettings
from bridge_ros.planner.vlm.openai_chat import OpenAIChat, OpenAISettings
from bridge_ros.planner.vlm.plan_log import PlanLog, PlanLogSettings
from bridge_ros.planner.vlm.transformers_settings import TransformersSettings
from bridge_ros.planner.vlm.vlm_planner import VlmPlanner, VlmSettings


@dataclass(frozen=True, kw_only=True)
class PlannerSettings:
    """Parameters of the planner node.

    Attributes:
        backend: who thinks; a key of `BACKENDS`.
        max_instruction_chars: longer sentences are rejected unread.
        max_frame_age_s: an older frame is not planned on.
        require_approval: a plan is only shown until /bridge/approve is called.
        max_plan_age_s: before an older plan is carried out, its scene is looked at once more.
        rest_speed_rad_s, rest_time_s: the arm is at rest when no joint was faster for that long.
    """

    backend: str = "classical"
    max_instruction_chars: int = 300
    max_frame_age_s: float = 1.0
    require_approval: bool = False
    max_plan_age_s: float = 8.0
    rest_speed_rad_s: float = 0.03
    rest_time_s: float = 0.3
    task: TaskSettings = field(default_factory=TaskSettings)
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
        for name in (
            "max_instruction_chars",
            "max_frame_age_s",
            "max_plan_age_s",
            "rest_speed_rad_s",
            "rest_time_s",
        ):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name}: expected a positive number, got {getattr(self, name)}")

    def with_small_model(self, folder: str = SMALL_PLANNER) -> PlannerSettings:
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


def _openai(settings: PlannerSettings) -> Planner:
    return VlmPlanner(OpenAIChat(settings.openai), settings.vlm, settings.limits)


def _transformers(settings: PlannerSettings) -> Planner:
    # Imports torch, which nobody else here needs.
    from bridge_ros.planner.vlm.transformers_chat import TransformersChat

    return VlmPlanner(TransformersChat(settings.transformers), settings.vlm, settings.limits)


def _vlm(settings: PlannerSettings) -> Planner:
    return _transformers(settings.with_small_model())


BACKENDS: dict[str, Callable[[PlannerSettings], Planner]] = {
    "classical": lambda settings: ClassicalPlanner(settings.classical),
    "manual": lambda settings: ManualPlanner(settings.manual, settings.limits),
    "openai": _openai,
    "transformers": _transformers,
    "vlm": _vlm,
}


def make_planner(settings: PlannerSettings) -> Planner:
    """The backend that the settings name, loaded and ready to plan.

    Raises:
        ConfigError: if it cannot be loaded; says what is missing.
    """
    planner = BACKENDS[settings.backend](settings)
    if settings.log.folder is None:
        return planner
    log = PlanLog(Path(settings.log.folder).expanduser(), settings.log.keep)
    return LoggedPlanner(planner, log, settings.limits)
