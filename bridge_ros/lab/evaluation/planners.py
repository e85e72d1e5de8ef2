"""The planners that are compared: what turns images into plans."""

from __future__ import annotations

from dataclasses import replace

from bridge_ros.lab.evaluation.trial import TrialCondition
from bridge_ros.planner import Planner
from bridge_ros.planner.backends import make_planner
from bridge_ros.task.planner_settings import PlannerSettings


def load_planner(condition: TrialCondition, settings: PlannerSettings) -> Planner | None:
    """What plans in a condition, as the planner node would; None for the oracle, which has no eyes.

    A vision-language model runs on one thread, as there may be a process of it a core.

    Raises:
        ConfigError: if it cannot be loaded; says what is missing.
    """
    if condition.planner == "oracle":
        return None
    if condition.planner_model is None:
        return make_planner(replace(settings, backend=condition.planner))
    vlm = settings.with_small_model(condition.planner_model)
    return make_planner(replace(vlm, transformers=replace(vlm.transformers, threads=1)))
