"""Fast acting: the conditional diffusion policy that refines guidance against the point cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge_ros.expert.configuration import ExpertConfig
from bridge_ros.expert.observation import ActionChunk, Observation

if TYPE_CHECKING:
    from bridge_ros.expert.action_expert import ActionExpert

__all__ = ["ActionChunk", "ActionExpert", "ExpertConfig", "Observation"]


def __getattr__(name: str) -> object:
    """ActionExpert, loaded on first use: torch takes seconds, and most users live without it."""
    if name == "ActionExpert":
        from bridge_ros.expert.action_expert import ActionExpert

        return ActionExpert
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
