"""What every task is: a scene, a sentence, a success test and, for the oracle, its stages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

import numpy as np

from bridge_ros.geometry.poses import FloatArray
from bridge_ros.plan import BaseFramePlan
from bridge_ros.sim.privileged_state import PrivilegedState
from bridge_ros.sim.scenes.scene import Scene
from bridge_ros.sim.tasks.layout import SEEN, Variation

Horizon = Literal["short", "middle", "long"]


class Task(ABC):
    """One episode of a task (paper, appendix A.3).

    Attributes:
        name: of the task, and of its scenes unless they are of another variation.
        title: for tables.
        horizon: the paper's class of it.
        max_stages: four more than it takes; then a planner has had its chances.
        scene: the layout of this episode.
        instruction: the sentence of this episode.
        optical_pose: `(7,)` of the camera of this episode, base frame.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    horizon: ClassVar[Horizon]
    max_stages: ClassVar[int]

    def __init__(self, scene: Scene, rng: np.random.Generator, variation: Variation = SEEN) -> None:
        self.scene = scene
        self.instruction = self.describe(rng)
        self.optical_pose: FloatArray = variation.camera_pose(rng)

    @staticmethod
    @abstractmethod
    def lay_out(
        name: str, seed: int, rng: np.random.Generator, variation: Variation = SEEN
    ) -> Scene:
        """The scene of a seed."""

    @abstractmethod
    def describe(self, rng: np.random.Generator) -> str:
        """Choose what is to be done in this scene, and say it in one of many ways."""

    @abstractmethod
    def succeeded(self, state: PrivilegedState) -> bool:
        """Whether it is done at this instant; the evaluator asks for a second of it."""

    @abstractmethod
    def next_stage(self, state: PrivilegedState) -> BaseFramePlan:
        """The next stage, from privileged state: a plan in the *base* frame."""
