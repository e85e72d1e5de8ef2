"""What is asked of a trial, and what became of it; both go to JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from bridge_ros.errors import ConfigError
from bridge_ros.status import StageOutcome

Method = Literal["ik", "expert", "expert_blind"]
PlannerName = Literal["oracle", "classical", "vlm"]
NoiseName = Literal["none", "vlm"]
METHODS: tuple[Method, ...] = ("ik", "expert", "expert_blind")
PLANNERS: tuple[PlannerName, ...] = ("oracle", "classical", "vlm")
NOISES: tuple[NoiseName, ...] = ("none", "vlm")
Failure = Literal[
    "",
    "missed grasp",
    "dropped",
    "misplaced",
    "wrong thing",
    "refused target",
    "blocked",
    "timeout",
    "planner",
    "collision",
    "diverged",
]


@dataclass(frozen=True, kw_only=True)
class TrialCondition:
    """What the trials of one run have in common.

    Attributes:
        method: what follows the guidance.
        planner: who writes the plans.
        noise: how they err; noise_scale: how many times as strongly.
        checkpoint: folder of the expert.
        planner_model: folder of the model of planner "vlm"; None for other planners.
    """

    method: Method = "expert"
    planner: PlannerName = "oracle"
    noise: NoiseName = "none"
    noise_scale: float = 1.0
    checkpoint: str = "models/action_expert"
    planner_model: str | None = None

    def __post_init__(self) -> None:
        for name, value, known in (
            ("method", self.method, METHODS),
            ("planner", self.planner, PLANNERS),
            ("noise", self.noise, NOISES),
        ):
            if value not in known:
                raise ConfigError(f"{name}: expected one of {list(known)}, got {value!r}")
        if (self.planner == "vlm") != (self.planner_model is not None):
            raise ConfigError(
                "planner_model: expected a folder for planner vlm, and none for another; got "
                f"{self.planner_model!r} for {self.planner}"
            )
        if not 0.0 <= self.noise_scale <= 3.0:
            raise ConfigError(f"noise scale: expected 0 to 3, got {self.noise_scale}")


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The outcome of one episode.

    Attributes:
        task, seed, instruction: which one.
        success: judged from the simulator's state, held for a second after the task's end.
        failure: the kind of failure; empty for a success.
        message: how the task ended, for people. reason: the value of its `TaskReason`; empty in
            files of trials that were made before it was told.
        stages: subgoal and outcome of every stage.
        duration_s: of the episode, simulated. wall_s: what it took.
        targets, refused: counts; worst_step_m, worst_step_rad: between consecutive targets.
        worst_seam_m: farthest apart that two chunks were when one took over from the other.
        silences: control periods without a target although something was being followed.
    """

    task: str
    seed: int
    instruction: str
    success: bool
    failure: Failure
    message: str
    stages: tuple[tuple[str, StageOutcome], ...]
    duration_s: float
    wall_s: float
    targets: int
    refused: int
    worst_step_m: float
    worst_step_rad: float
    worst_seam_m: float
    silences: int
    refusals: dict[str, int] = field(default_factory=dict)
    reason: str = ""

    @property
    def missed_grasps(self) -> int:
        """How often the fingers closed on nothing."""
        return sum(outcome == StageOutcome.MISSED for _, outcome in self.stages)

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Trial:
        """Read a line.

        Raises:
            ConfigError: if it is not one of a trial.
        """
        try:
            values: Any = json.loads(line)
            values["stages"] = tuple(
                (str(goal), StageOutcome(end)) for goal, end in values["stages"]
            )
            return cls(**values)
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"trials: expected a line of a trial, got {line[:80]!r}") from error
