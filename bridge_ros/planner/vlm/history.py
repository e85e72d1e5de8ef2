"""The earlier stages of a task in words, as a model is told them."""

from __future__ import annotations

from bridge_ros.plan import StageRecord
from bridge_ros.planner.vlm.replies import MAX_SUBGOAL_CHARS

_TOLD = 12


def tell(history: tuple[StageRecord, ...]) -> str:
    """One line a stage, the newest last; "nothing" before the first one."""
    if not history:
        return "nothing"
    told = list(enumerate(history, start=1))[-_TOLD:]
    lines = [f"{i}. {r.plan.subgoal[:MAX_SUBGOAL_CHARS]}: {r.outcome}" for i, r in told]
    return "\n".join(lines)
